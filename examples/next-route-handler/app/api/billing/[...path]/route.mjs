import { proyecta } from '../../../../lib/proyecta.mjs';

/** The engine is a native addon, which the edge runtime cannot load. */
export const runtime = 'nodejs';

export const GET = proyecta.handler;
export const HEAD = proyecta.handler;
export const POST = proyecta.handler;
export const PATCH = proyecta.handler;
export const DELETE = proyecta.handler;
