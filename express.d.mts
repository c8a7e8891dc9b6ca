import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Proyecta } from './index.mjs';

/**
 * Middleware that answers the HTTP API below the path where it is mounted, for Express 4 and 5 and
 * whatever takes their middleware. Callers send an API key as to any server
 * (`Authorization: Bearer`).
 *
 * ```ts
 * app.use('/api/billing', proyectaRouter(proyecta));
 * ```
 *
 * Mount it before the app's body parsers where you can. Behind `express.json()` it takes what that
 * made of the body: then the parser's own limit counts, and a repeated member of an object is not
 * noticed.
 */
export declare function proyectaRouter(
  proyecta: Proyecta,
): (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;
