/**
 * One row of the operation table, which `scripts/generate.mjs` writes from the
 * manifest of the native addon into `operations.gen.ts`.
 */
export interface Operation {
  /** Where the method hangs under `proyecta.commerce`, such as `customers.create`. */
  readonly name: string;
  /** How the native addon knows it. */
  readonly index: number;
  /** The parameter that may also come first as a plain string, in both spellings. */
  readonly id: { readonly name: string; readonly snake: string } | null;
  /** What the call gives: one object, a page of a list, a file's bytes, or objects without an end. */
  readonly kind: 'object' | 'list' | 'file' | 'stream';
  /** Whether it changes something; only then does an idempotency key matter. */
  readonly effect: 'read' | 'write';
  /** Whether it has parameters, and whether it can do without. */
  readonly params: 'none' | 'optional' | 'required';
  /** Whether a file comes first. */
  readonly upload: boolean;
}

/** How a call of this operation looks, for error messages. */
export function usage(operation: Operation): string {
  const { name, id, params, upload } = operation;
  if (upload) return `${name}(file, { … })`;
  if (id !== null) return `${name}(${id.name}, …) or ${name}({ ${id.name}, … })`;
  if (params === 'none') return `${name}()`;
  return params === 'optional' ? `${name}() or ${name}({ … })` : `${name}({ … })`;
}
