/**
 * The known name that a mistyped one most likely meant, or null. Spelling in
 * snake_case and case do not count; about one slip in four letters is forgiven.
 */
export function nearest(typed: string, known: Iterable<string>): string | null {
  const given = plain(typed.slice(0, 64));
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const name of known) {
    const wanted = plain(name);
    const found = distance(given, wanted);
    if (found <= 1 + Math.floor(wanted.length / 4) && found < bestDistance) {
      best = name;
      bestDistance = found;
    }
  }
  return best;
}

/** The second half of a message about an unknown name. */
export function hint(typed: string, known: readonly string[]): string {
  const near = nearest(typed, known);
  return near === null ? `known are: ${known.join(', ')}.` : `did you mean ${near}?`;
}

function plain(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/** Levenshtein's distance, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = at(row, j) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, at(row, j + 1) + 1, at(next, j) + 1));
    }
    row = next;
  }
  return at(row, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0;
}
