import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { answererOf } from './instance';
import { describe } from './node';

/** What of Fastify's request, reply and instance is used; Fastify itself is the app's own. */
interface Request {
  readonly raw: IncomingMessage;
  readonly originalUrl: string;
  readonly ip: string;
}

interface Reply {
  readonly raw: { once(event: 'close', listener: () => void): void; readonly writableFinished: boolean };
  code(status: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): Reply;
}

interface App {
  readonly prefix: string;
  removeAllContentTypeParsers(): void;
  addContentTypeParser(type: '*', parse: (...given: unknown[]) => void): void;
  all(
    path: string,
    options: { bodyLimit: number },
    handle: (request: Request, reply: Reply) => Promise<Reply>,
  ): void;
}

/** A plugin that answers everything below its prefix. */
export async function proyectaPlugin(app: App, { proyecta }: { proyecta: unknown }): Promise<void> {
  const answer = answererOf(proyecta, 'app.register(proyectaPlugin, { proyecta, prefix })');
  const basePath = app.prefix;
  // In here only: the engine reads bodies itself, and sets their limits.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => (done as (error: null) => void)(null));
  const options = { bodyLimit: Number.MAX_SAFE_INTEGER };

  async function handle(request: Request, reply: Reply): Promise<Reply> {
    const controller = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) controller.abort();
    });
    const mounted = { url: request.originalUrl, basePath, peer: request.ip };
    const { status, headers, body } = await answer(describe(request.raw, mounted), controller.signal);
    reply.code(status);
    for (const [name, value] of headers) reply.header(name, value);
    return reply.send(body instanceof Uint8Array ? body : Readable.fromWeb(body as NodeReadableStream));
  }

  app.all('/', options, handle);
  app.all('/*', options, handle);
}
