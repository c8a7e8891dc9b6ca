/** Nodes before 20.4 do not have the symbol; those who polyfill it use this one. */
export const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose');
