import type { Proyecta } from './index.mjs';

/** Options of {@link proyectaPlugin}. */
export interface ProyectaPluginOptions {
  /** The instance that answers. */
  proyecta: Proyecta;
  /** Path under which it answers. */
  prefix?: string;
}

/**
 * A plugin for Fastify 5 that answers the HTTP API below its prefix. Callers send an API key as to
 * any server (`Authorization: Bearer`). The app's own parsers and routes stay as they are.
 *
 * ```ts
 * await app.register(proyectaPlugin, { proyecta, prefix: '/api/billing' });
 * ```
 */
export declare function proyectaPlugin(app: object, options: ProyectaPluginOptions): Promise<void>;
