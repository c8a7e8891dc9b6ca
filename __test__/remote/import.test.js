// Files on their way to a server and from it.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { Readable } = require('node:stream');
const { failure } = require('../support/customers.js');
const { newFolder } = require('../support/folder.js');
const { until } = require('../support/until.js');
const { Proyecta, answer, connect, cut, refuse, silence, startPeer } = require('./peer.js');

const REPORT = {
  object: 'customer_import',
  dryRun: false,
  rows: 2,
  created: 2,
  updated: 0,
  unchanged: 0,
  failed: 0,
  errors: [],
};
const CSV = 'email,name\na@example.com,A\nb@example.com,B\n';
const progressAt = (progress) => ({ progress, rows: 1, created: 1, updated: 0, unchanged: 0, failed: 0 });

/** Answers line by line, each in a piece of its own. */
const lines =
  (...values) =>
  async (_, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'request-id': 'req_1' });
    for (const value of values) {
      const text = `${JSON.stringify(value)}\n`;
      for (const piece of [text.slice(0, 5), text.slice(5)]) {
        await new Promise((resolve) => response.write(piece, resolve));
      }
    }
    response.end();
  };

function file(content = CSV) {
  const path = join(newFolder(), 'customers.csv');
  writeFileSync(path, content);
  return path;
}

test.each([
  ['a path', () => file()],
  ['bytes', () => Buffer.from(CSV)],
  ['a stream', () => Readable.from([Buffer.from(CSV)])],
  ['a Blob', () => new Blob([CSV])],
])('%s is sent as it is, its parameters in the query', async (_, make) => {
  const peer = await startPeer(lines({ result: REPORT }));
  const report = await connect(peer).customers.import(make(), { onExisting: 'update', dry_run: true });
  expect(report).toStrictEqual(REPORT);
  expect(report.requestId).toBe('req_1');
  const [request] = peer.requests;
  expect(request).toMatchObject({ method: 'POST', body: CSV });
  expect(new URL(request.url, 'http://host').pathname).toBe('/v1/customers/import');
  expect([...new URL(request.url, 'http://host').searchParams].sort()).toEqual([
    ['dryRun', 'true'],
    ['onExisting', 'update'],
  ]);
  expect(request.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-length': String(CSV.length),
    accept: 'application/x-ndjson',
  });
});

test('a large file goes over in pieces and arrives whole', async () => {
  const content = `email,name\n${'x@example.com,가나다라마바사\n'.repeat(200_000)}`;
  const peer = await startPeer(lines({ result: REPORT }));
  expect(await connect(peer).customers.import(file(content))).toEqual(REPORT);
  expect(peer.requests[0].body === content).toBe(true);
});

test('progress is heard as it comes', async () => {
  const steps = [progressAt(0.25), progressAt(0.5), progressAt(1)];
  const peer = await startPeer(lines(...steps.map((progress) => ({ progress })), { result: REPORT }));
  const heard = [];
  await connect(peer).customers.import(file(), { onProgress: (progress) => heard.push(progress) });
  expect(heard).toEqual(steps);
});

test('a server that answers with the report alone is understood too', async () => {
  const peer = await startPeer(answer(REPORT));
  expect(await connect(peer).customers.import(file())).toStrictEqual(REPORT);
});

test('an error on the last line is the error that it would be in this process', async () => {
  const error = {
    type: 'invalid_request',
    code: 'file_invalid',
    message: 'no table',
    param: 'file',
    requestId: 'req_7',
  };
  const peer = await startPeer(lines({ progress: progressAt(0.5) }, { error }));
  const seen = await failure(connect(peer).customers.import(file()));
  expect(seen).toBeInstanceOf(Proyecta.InvalidRequestError);
  expect(seen).toMatchObject({ code: 'file_invalid', param: 'file', statusCode: 400, requestId: 'req_7' });
});

test.each([
  ['no last line', lines({ progress: progressAt(0.5) })],
  [
    'a line that is no JSON',
    (_, response) => response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end('<p>\n'),
  ],
])('%s is answer_invalid', async (_, step) => {
  const peer = await startPeer(step);
  expect(await failure(connect(peer).customers.import(file()))).toMatchObject({ code: 'answer_invalid' });
});

test('an import that broke off is not repeated by itself, for its report would be wrong', async () => {
  const peer = await startPeer(cut, lines({ result: REPORT }));
  const error = await failure(connect(peer).customers.import(file()));
  expect(error).toMatchObject({ name: 'ConnectionError', code: 'connection_failed' });
  expect(error.message).toContain('importing the same file again is safe');
  expect(peer.requests).toHaveLength(1);
});

test('one that was not begun is', async () => {
  const busy = refuse(503, 'unavailable', 'server_busy');
  const peer = await startPeer(busy, busy, lines({ result: REPORT }));
  expect(await connect(peer).customers.import(file())).toEqual(REPORT);
  expect(peer.requests.map(({ body }) => body)).toEqual([CSV, CSV, CSV]);
});

test.each([
  ['that is not there', () => join(newFolder(), 'missing.csv')],
  ['that is a folder', () => newFolder()],
  ['that is empty', () => file('')],
  ['of no bytes', () => Buffer.alloc(0)],
])('a file %s is refused before anything is sent', async (_, make) => {
  const peer = await startPeer(lines({ result: REPORT }));
  const error = await failure(connect(peer).customers.import(make()));
  expect(error).toMatchObject({ name: 'InvalidRequestError', code: 'file_invalid', param: 'file' });
  expect(peer.requests).toEqual([]);
});

test('an aborted import says how far it was heard to be', async () => {
  const peer = await startPeer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.write(`${JSON.stringify({ progress: progressAt(0.5) })}\n`);
  });
  const controller = new AbortController();
  const onProgress = () => controller.abort();
  const { signal } = controller;
  const error = await failure(connect(peer).customers.import(file(), { onProgress }, { signal }));
  expect(error).toMatchObject({ name: 'AbortError', details: { rows: 1, created: 1, failed: 0 } });
});

test.each([
  ['aborted', (controller) => ({ signal: controller.signal }), 'AbortError'],
  ['late', () => ({ timeout: 300 }), 'TimeoutError'],
])('an import that is %s ends, and its request with it', async (_, optionsOf, name) => {
  const peer = await startPeer(silence);
  const controller = new AbortController();
  const call = failure(connect(peer).customers.import(file(), {}, optionsOf(controller)));
  await until('the upload', () => peer.requests.length > 0);
  controller.abort();
  expect((await call).name).toBe(name);
  await until('the server to see it', () => peer.requests[0].closed);
});

test('the template comes as its bytes', async () => {
  const bytes = Buffer.from('PK\x03\x04 and so on');
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
  const peer = await startPeer((_, response) =>
    response.writeHead(200, { 'content-type': type, 'request-id': 'req_1' }).end(bytes),
  );
  const template = await connect(peer).customers.importTemplate();
  expect(Buffer.isBuffer(template)).toBe(true);
  expect(Buffer.compare(template, bytes)).toBe(0);
  expect(template.requestId).toBe('req_1');
  expect(peer.requests[0]).toMatchObject({ method: 'GET', url: '/v1/customers/import-template' });
});
