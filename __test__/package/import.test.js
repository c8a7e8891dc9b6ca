// The package is one and the same class however a program asks for it.
const { runProgram } = require('../support/package.js');

const CALL = `
const proyecta = new Proyecta({ database: ':memory:' });
const made = await proyecta.commerce.customers.create({ email: 'ada@example.com', name: 'Ada' });
const missing = await proyecta.commerce.customers.get('cus_nobody').catch((error) => error);
await proyecta.close();
console.log(JSON.stringify({ email: made.email, code: missing.code, known: missing instanceof NotFoundError }));
`;
const ANSWER = { email: 'ada@example.com', code: 'customer_not_found', known: true };

async function answerOf(source, options) {
  const { code, stdout, stderr } = await runProgram(source, options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

test('import gives the class as default and by name', async () => {
  const head = `import Proyecta, { Proyecta as Named, NotFoundError } from '@proyecta-ai/sdk';
if (Proyecta !== Named) throw new Error('two classes');`;
  expect(await answerOf(head + CALL)).toEqual(ANSWER);
});

test.each([
  ['the export itself', `const Proyecta = require('@proyecta-ai/sdk'); const { NotFoundError } = Proyecta;`],
  ['by name', `const { Proyecta, NotFoundError } = require('@proyecta-ai/sdk');`],
  ['as default', `const { default: Proyecta, NotFoundError } = require('@proyecta-ai/sdk');`],
])('require gives the class: %s', async (_, head) => {
  expect(await answerOf(`${head}\n(async () => {${CALL}})();`, { commonjs: true })).toEqual(ANSWER);
});

test('import and require in one program share the classes', async () => {
  const program = `import { createRequire } from 'node:module';
import Proyecta, { ConflictError } from '@proyecta-ai/sdk';
const required = createRequire(import.meta.url)('@proyecta-ai/sdk');
console.log(JSON.stringify([required === Proyecta, required.ConflictError === ConflictError]));`;
  expect(await answerOf(program)).toEqual([true, true]);
});

test('the manifest can be read, and nothing else of the inside', async () => {
  const program = `import { createRequire } from 'node:module';
import Proyecta from '@proyecta-ai/sdk';
const require = createRequire(import.meta.url);
const code = await import('@proyecta-ai/sdk/native.cjs').catch((error) => error.code);
console.log(JSON.stringify([require('@proyecta-ai/sdk/package.json').version === Proyecta.VERSION, code]));`;
  expect(await answerOf(program)).toEqual([true, 'ERR_PACKAGE_PATH_NOT_EXPORTED']);
});
