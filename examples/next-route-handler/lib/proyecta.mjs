import Proyecta from '@proyecta-ai/sdk';

// One for the whole app. While `next dev` loads modules again and again, it stays the same.
globalThis.proyecta ??= new Proyecta({ basePath: '/api/billing' });

export const { proyecta } = globalThis;
