import { quote } from './text.mjs';

/** Ids of a catalogue by their prefix: types that `proyecta catalog types` narrows to those there are. */
const CATALOG_IDS = { feat_: 'FeatureId', prod_: 'ProductId', var_: 'PriceId' };

/** The TypeScript type of a field, as taken (`input`) or as given back. */
export function fieldType(type, input) {
  switch (type.kind) {
    case 'text':
    case 'email':
    case 'phone':
    case 'country':
    case 'currency':
    case 'uuid':
    case 'pattern':
    case 'date':
      return 'string';
    case 'id':
      return CATALOG_IDS[type.prefix] ?? 'string';
    case 'instant':
      return input ? 'InstantInput' : 'string';
    case 'boolean':
      return 'boolean';
    case 'integer':
    case 'number':
      return 'number';
    case 'limit':
    case 'decimal':
      return 'number | string';
    case 'enum':
      return type.values.map(quote).join(' | ');
    case 'list':
      return list(fieldType(type.of, input), input);
    case 'either':
      return type.of.map((one) => fieldType(one, input)).join(' | ');
    case 'shape':
      return type.name;
    case 'map':
      return input ? '{ readonly [key: string]: string | null | undefined }' : 'Record<string, string>';
    case 'attributes':
      return input ? '{ readonly [key: string]: JsonInput | undefined }' : 'Record<string, JsonValue>';
    case 'json':
      return input ? 'JsonInput' : 'JsonValue';
    default:
      throw new Error(`the manifest has a type that is not known here: ${type.kind}`);
  }
}

function list(of, input) {
  const element = of.includes(' ') ? `(${of})` : of;
  return input ? `readonly ${element}[]` : `${element}[]`;
}
