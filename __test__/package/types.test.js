// A TypeScript project compiles against the packed package, whatever its module resolution.
const { execFile } = require('node:child_process');
const { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { projectFolder } = require('../support/package.js');

const ROOT = resolve(__dirname, '../..');

const USE = `
const proyecta: Proyecta = new Proyecta({ database: ':memory:' });
const { customers } = proyecta.commerce;
export async function main(signal: AbortSignal): Promise<string> {
  const made = await customers.create({ email: 'ada@example.com', name: 'Ada' }, { signal, timeout: 1000 });
  const id: string = made.id;
  const email: string | null = made.email;
  for await (const customer of customers.list({ limit: 10 })) customer.createdAt.toUpperCase();
  const page = await customers.list({ query: 'ada' });
  const more: boolean = page.hasMore;
  try {
    await customers.get(id);
  } catch (error) {
    if (error instanceof NotFoundError) return error.code;
    if (error instanceof ProyectaError) return error.type;
  }
  // @ts-expect-error the e-mail is text
  customers.create({ email: 5 });
  // @ts-expect-error there is no such parameter
  customers.create({ email: 'ada@example.com', emial: 'ada@example.com' });
  await proyecta.close();
  return String(email) + more;
}
`;

// Where the API is mounted: only types that fit what the frameworks give and take.
const MOUNT = `import { createServer as createListener } from 'node:http';
import Proyecta, { createServer, type Server } from '@proyecta-ai/sdk';
import { proyectaRouter } from '@proyecta-ai/sdk/express';
import { proyectaPlugin, type ProyectaPluginOptions } from '@proyecta-ai/sdk/fastify';
import fastify from 'fastify';
const proyecta = new Proyecta({ database: ':memory:', basePath: '/api/billing' });
export const GET = proyecta.handler;
export async function ask(request: Request): Promise<Response> {
  return proyecta.handler(request);
}
const router = proyectaRouter(proyecta);
createListener((request, response) => router(request, response, () => response.end()));
const options: ProyectaPluginOptions = { proyecta, prefix: '/api/billing' };
export const registered = fastify().register(proyectaPlugin, options);
export async function serve(): Promise<string | null> {
  const server: Server = await createServer({ apiKey: 'sk_test_x', listen: '127.0.0.1:0', cors: ['https://x'] });
  const { url, address, metricsUrl } = server;
  await server.close();
  // @ts-expect-error there is no such option
  createServer({ port: 8080 });
  // @ts-expect-error an instance is needed
  proyectaRouter({});
  return metricsUrl ?? url + address;
}
`;

const IMPORT = `import Proyecta, { NotFoundError, ProyectaError } from '@proyecta-ai/sdk';
import type { Customer } from '@proyecta-ai/sdk';
export type Name = Customer['name'];
${USE}`;

const REQUIRE = `import Proyecta = require('@proyecta-ai/sdk');
import { NotFoundError, ProyectaError, Proyecta as Named } from '@proyecta-ai/sdk';
export const same: typeof Proyecta = Named;
export type Name = Proyecta.Customer['name'];
${USE}`;

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(projectFolder, 'types-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function compile(files, compilerOptions) {
  const options = {
    target: 'es2022',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    // What such a project has installed beside the package.
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
    ...compilerOptions,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const config = JSON.stringify({ compilerOptions: options, files: Object.keys(files) });
  writeFileSync(join(folder, 'tsconfig.json'), config);
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  return new Promise((done) => {
    const child = execFile(process.execPath, [tsc, '--project', folder], (_, stdout) => {
      done({ code: child.exitCode, stdout });
    });
  });
}

test.each(['node16', 'nodenext'])('moduleResolution %s, ES modules and CommonJS', async (resolution) => {
  const files = { 'a.mts': IMPORT, 'b.cts': REQUIRE };
  const options = { module: resolution, moduleResolution: resolution };
  expect(await compile(files, options)).toEqual({ code: 0, stdout: '' });
});

test.each([
  ['node16', 'a.mts'],
  ['node16', 'a.cts'],
  ['bundler', 'a.ts'],
])('the adapters and the server, moduleResolution %s, %s', async (resolution, name) => {
  // Fastify is the app's own; its types are where the app has it.
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  symlinkSync(join(ROOT, 'node_modules/fastify'), join(modules, 'fastify'), 'junction');
  const module = resolution === 'bundler' ? 'esnext' : resolution;
  const options = { module, moduleResolution: resolution, esModuleInterop: true, skipLibCheck: true };
  expect(await compile({ [name]: MOUNT }, options)).toEqual({ code: 0, stdout: '' });
});

test('moduleResolution bundler', async () => {
  const options = { module: 'esnext', moduleResolution: 'bundler' };
  expect(await compile({ 'a.ts': IMPORT }, options)).toEqual({ code: 0, stdout: '' });
});
