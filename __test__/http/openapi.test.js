// The OpenAPI document: valid for tools that others wrote, and true to its own examples.
const { execFileSync } = require('node:child_process');
const { join, resolve } = require('node:path');
const Ajv = require('ajv/dist/2020');
const addFormats = require('ajv-formats');
const { packageFolder } = require('../support/package.js');

const ROOT = resolve(__dirname, '../..');
const { openapi } = require(join(packageFolder, 'native.cjs'));
const document = JSON.parse(openapi(''));

/** Every operation with its method and path. */
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ method, path, ...operation })),
);

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
// What the linter does not know: phone numbers, and addresses beyond ASCII.
ajv.addFormat('phone', true);
ajv.addFormat('idn-email', /@/);
ajv.addFormat('binary', true);
ajv.addSchema({ $id: 'https://proyecta.test/openapi', ...document });

/** What a schema, which may refer to others of the document, finds wrong with a value. */
function complaints(schema, value) {
  const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"https://proyecta.test/openapi#/'));
  ajv.validate(absolute, value);
  return ajv.errors ?? [];
}

/** Validates with the meta-schema of the OpenAPI Initiative; the validator is an ES module. */
function lint(text) {
  const program = `
    import { Validator } from '@seriousme/openapi-schema-validator';
    import { text } from 'node:stream/consumers';
    const validator = new Validator();
    const outcome = await validator.validate(JSON.parse(await text(process.stdin)));
    console.log(JSON.stringify({ ...outcome, version: validator.version }));`;
  const args = ['--input-type=module', '--eval', program];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT, input: text, encoding: 'utf8' }));
}

test('an independent validator finds it a valid OpenAPI 3.1 document', () => {
  expect(lint(openapi(''))).toEqual({ valid: true, version: '3.1' });
  expect(lint(openapi('/api/billing'))).toEqual({ valid: true, version: '3.1' });
  // It would say so if it were not.
  expect(lint(JSON.stringify({ ...document, paths: { customers: {} } })).valid).toBe(false);
});

test('every schema compiles, and takes its examples', () => {
  for (const name of Object.keys(document.components.schemas))
    expect(complaints({ $ref: `#/components/schemas/${name}` }, undefined)).toBeDefined();
  const examples = [];
  const look = (content, where) => {
    for (const { schema, example } of Object.values(content ?? {}))
      if (example !== undefined) examples.push({ where, schema, example });
  };
  for (const { operationId, requestBody, responses, parameters } of operations) {
    look(requestBody?.content, `${operationId} body`);
    for (const [status, { content }] of Object.entries(responses)) look(content, `${operationId} ${status}`);
    for (const { name, schema, example } of parameters)
      if (example !== undefined) examples.push({ where: `${operationId} ${name}`, schema, example });
  }
  for (const [name, { content }] of Object.entries(document.components.responses)) look(content, name);
  expect(examples.length).toBeGreaterThan(40);
  const wrong = examples
    .map(({ where, schema, example }) => ({ where, errors: complaints(schema, example) }))
    .filter(({ errors }) => errors.length > 0);
  expect(wrong).toEqual([]);
});

test('the parameters of a path are exactly those that it names', () => {
  for (const { path, operationId, parameters } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const described = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    expect([operationId, described]).toEqual([operationId, named]);
    const keys = parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
    expect(new Set(keys).size).toBe(keys.length);
  }
});

test('everything needs a key, says what can go wrong, and names its request', () => {
  expect(document.security).toEqual([{ apiKey: [] }]);
  const headers = ({ $ref, headers: own }) =>
    $ref ? document.components.responses[$ref.split('/').at(-1)].headers : own;
  for (const { operationId, security, responses } of operations) {
    expect([operationId, security]).toEqual([operationId, undefined]);
    expect(Object.keys(responses)).toEqual(
      expect.arrayContaining(['200', '400', '401', '429', '500', '503']),
    );
    for (const response of Object.values(responses)) expect(headers(response)).toHaveProperty('Request-Id');
    for (const status of ['429', '503']) expect(headers(responses[status])).toHaveProperty('Retry-After');
  }
});

test('schemas refuse what the engine refuses', () => {
  const body = (name, value) => complaints({ $ref: `#/components/schemas/${name}` }, value).length === 0;
  const create = (value) => body('CustomerCreateParams', { email: 'name@example.com', ...value });
  expect(
    create({ name: '홍길동', phone: null, metadata: { plan: null }, attributes: { size: [1, 2] } }),
  ).toBe(true);
  const refused = [
    { email: 'no address' },
    { name: '' },
    { name: '   ' },
    { name: 'a\0b' },
    { name: 'x'.repeat(256) },
    { id: 'user_1' },
    { id: 'cus_a b' },
    { address: { country: 'XX' } },
    { address: { county: 'Kent' } },
    { metadata: { plan: 5 } },
    { metadata: { __proto__: null, constructor: 'x' } },
    { metadata: { ['k'.repeat(41)]: 'x' } },
    { attributes: { note: 'x'.repeat(5001) } },
    { attributes: { note: { deep: ['a\0b'] } } },
    { additionalRecipients: Array(21).fill('name@example.com') },
    { marketing: { sms: 'yes' } },
    { nickname: 'x' },
  ];
  for (const value of refused) expect([value, create(value)]).toEqual([value, false]);
  expect(body('SignupFormSubmitParams', { password: 'short' })).toBe(false);
  expect(body('CustomFieldCreateParams', { type: 'text', label: 'Size', order: 1.5 })).toBe(false);
});
