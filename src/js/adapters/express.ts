import type { ServerResponse } from 'node:http';
import { answererOf } from './instance';
import { type NodeRequest, serve } from './node';

/** What Express, or anything else with its middleware, says beside `node:http`. */
interface ExpressRequest extends NodeRequest {
  originalUrl?: string;
  baseUrl?: string;
  ip?: string;
}

type Next = (error?: unknown) => void;

/** Middleware that answers everything below the path where it is mounted. */
export function proyectaRouter(
  proyecta: unknown,
): (request: ExpressRequest, response: ServerResponse, next: Next) => void {
  const answer = answererOf(proyecta, 'proyectaRouter(proyecta)');
  return (request, response, next) => {
    const mounted = {
      url: request.originalUrl ?? request.url ?? '/',
      basePath: request.baseUrl ?? '',
      peer: request.ip ?? request.socket.remoteAddress ?? null,
    };
    serve(answer, request, response, mounted).catch(next);
  };
}
