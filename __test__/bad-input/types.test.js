// Every parameter of every operation against every value of a wrong type.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { BROKEN_TEXTS, JSON_VALUES, NO_DATA, SECRET } = require('../support/bad-values.js');
const { callOf, fill, OPERATIONS, parametersOf, withValue } = require('../support/operations.js');
const { packageFolder } = require('../support/package.js');
const { contents, openStore, Proyecta } = require('../support/store.js');

const store = openStore();
let stored;
let before;
beforeAll(async () => {
  stored = await fill(store);
  before = await contents(store);
});

/** What is wrong with how a call was answered; null when it was refused as it should be. */
async function complaint(call, path, values) {
  const error = await call().then(
    (answer) => ({ accepted: answer }),
    (reason) => reason,
  );
  const { param } = error;
  const named =
    typeof param === 'string' &&
    (param === path || param.startsWith(`${path}.`) || param.startsWith(`${path}[`));
  const faults = [];
  if ('accepted' in error) return 'was accepted';
  if (!(error instanceof Proyecta.InvalidRequestError)) faults.push(`is ${error.name}: ${error.message}`);
  if (!named) faults.push(`names ${param}`);
  const shown = `${error.message}${JSON.stringify(error)}`;
  if (shown.length > 2000) faults.push(`is ${shown.length} characters long`);
  for (const value of values) if (shown.includes(value)) faults.push(`shows ${value.slice(0, 20)}`);
  return faults.length === 0 ? null : faults.join('; ');
}

/** Tries each value at a parameter and gives what went wrong, by description. */
async function complaints(name, { path, steps }, values, secrets = [SECRET]) {
  const found = {};
  for (const [description, make] of Object.entries(values)) {
    const params = withValue(OPERATIONS[name].given(stored), steps, make());
    const wrong = await complaint(async () => callOf(store, name, params), path, secrets);
    if (wrong !== null) found[`${path}: ${description}`] = wrong;
  }
  return found;
}

/** The JSON that a kind does not take, by what it looks like. */
function wrongJson(kind) {
  const plain = kind.replace('!', '');
  const wrong = JSON_VALUES.filter(({ fits }) => !fits.includes(plain));
  const values = Object.fromEntries(wrong.map(({ value }) => [JSON.stringify(value), () => value]));
  return kind.endsWith('!') ? { ...values, null: () => null } : values;
}

const TEXTUAL = [
  'text',
  'loose',
  'email',
  'phone',
  'country',
  'currency',
  'zone',
  'uuid',
  'url',
  'time',
  'color',
  'id',
  'word',
  'cursor',
  'instant',
  'limit',
  'decimal',
  'digits',
  'signed-decimal',
  'word-or-instant',
  'word-or-boolean',
  'word-or-words',
  'text-or-object',
  'id-or-object',
];

describe.each(Object.keys(OPERATIONS))('%s', (name) => {
  const parameters = parametersOf(OPERATIONS[name].params);

  afterEach(async () => {
    expect({}.polluted).toBeUndefined();
    expect(await contents(store)).toEqual(before);
  });

  test('refuses what is no data, and names the parameter', async () => {
    const found = {};
    for (const parameter of parameters) Object.assign(found, await complaints(name, parameter, NO_DATA));
    expect(found).toEqual({});
  });

  test('refuses data of another type, and names the parameter', async () => {
    const found = {};
    for (const parameter of parameters) {
      // Its key is the name of what is wrong, and may be shown; its value is not secret here.
      Object.assign(found, await complaints(name, parameter, wrongJson(parameter.kind), []));
    }
    expect(found).toEqual({});
  });

  test('refuses broken and endless texts, and does not show them', async () => {
    const found = {};
    for (const parameter of parameters) {
      const kind = parameter.kind.replace('!', '');
      if (!TEXTUAL.includes(kind)) continue;
      const values = Object.fromEntries(
        Object.entries(BROKEN_TEXTS).map(([what, text]) => [what, () => text]),
      );
      // What is cut to its first and last letter is no megabyte any more.
      Object.assign(found, await complaints(name, parameter, values, [SECRET, '김김', '    ']));
    }
    expect(found).toEqual({});
  });

  test('refuses broken texts inside lists and maps', async () => {
    const found = {};
    for (const parameter of parameters) {
      const wrap = {
        texts: (text) => ['a', text],
        emails: (text) => ['a@example.com', text],
        words: (text) => ['total', text],
        metadata: (text) => ({ note: text }),
        attributes: (text) => ({ note: text }),
      }[parameter.kind.replace('!', '')];
      if (wrap === undefined) continue;
      const values = Object.fromEntries(
        Object.entries(BROKEN_TEXTS).map(([what, text]) => [what, () => wrap(text)]),
      );
      Object.assign(found, await complaints(name, parameter, values, [SECRET, '김김', '    ']));
    }
    expect(found).toEqual({});
  });
});

test('after all of it the client still works', async () => {
  const { customer } = stored;
  expect(await store.customers.get(customer.id)).toEqual(customer);
  const fresh = await store.customers.create({ email: 'after@example.com' });
  expect(await store.customers.delete(fresh.id)).toMatchObject({ deleted: true });
});

test('every parameter of the typed surface is tried here', () => {
  const types = readFileSync(join(packageFolder, 'index.d.ts'), 'utf8');
  const membersOf = (shape) => {
    const [, rest = ''] = types.split(`export interface ${shape} {\n`);
    const [body] = rest.split('\n  }\n');
    const members = [...body.matchAll(/^ {4}(\w+)\??:\s([\s\S]*?);$/gm)];
    // A callback never reaches the engine; subscriptions/advance.test.js has its bad values.
    return members.map(([, name, type]) => ({ name, type })).filter(({ name }) => name !== 'onProgress');
  };
  const pathsOf = (shape, steps) =>
    membersOf(shape).flatMap(({ name, type }) => {
      const inputs = type.match(/\b\w+(?:Input|Filter|Changes|Change)\b/g) ?? [];
      const own = [...steps, name];
      // A variant is what `prices.create` takes.
      const plain = ['InstantInput', 'JsonInput', 'VariantInput'];
      const inner = inputs.find((input) => !plain.includes(input));
      if (inner === undefined) return [own.join('.')];
      if (!type.includes('[]')) return [own.join('.'), ...pathsOf(inner, own)];
      const element = [...steps, `${name}[0]`];
      return [own.join('.'), element.join('.'), ...pathsOf(inner, element)];
    });
  for (const [name, { shape, params }] of Object.entries(OPERATIONS)) {
    const paths = parametersOf(params).map(({ path }) => path);
    expect([name, pathsOf(shape, []).sort()]).toEqual([name, paths.sort()]);
  }
  const methods = [...types.matchAll(/^ {4}(\w+)[<(]/gm)].map(([, method]) => method);
  const known = [...Object.keys(OPERATIONS).map((name) => name.split('.').at(-1)), 'import'];
  // A stream is tried where streams are, for its call waits when it fits.
  const own = [
    'constructor',
    'error',
    'warn',
    'info',
    'debug',
    'addEventListener',
    'removeEventListener',
    'toArray',
    'stream',
    'next',
    'return',
    'close',
  ];
  expect([...new Set(methods)].filter((method) => !own.includes(method) && !known.includes(method))).toEqual([
    'toJSON',
  ]);
});
