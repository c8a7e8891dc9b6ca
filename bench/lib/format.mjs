// Figures as people read them.

/** A figure with its unit; times in the unit that suits them. */
export function shown(value, unit) {
  if (value === null || value === undefined) return '';
  if (unit === 'ms' && value < 1) return `${digits(value * 1000)} µs`;
  if (unit === '×') return times(value);
  return `${digits(value)} ${unit}`;
}

/** A ratio. */
export const times = (value) => `${value.toFixed(2)} ×`;

function digits(value) {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

/** What the issue asks of a row, for one of its columns. */
export function bound(row, which) {
  if (row[which] === undefined) return '';
  const sign = row.better === 'higher' ? '≥' : '≤';
  if (row.judged === 'ratio') return `${sign} ${row[which]} ×`;
  return row.unit === '×'
    ? `${sign} ${row[which]} ×`
    : `${sign} ${row[which].toLocaleString('en')} ${row.unit}`;
}

/** Columns padded to the widest cell; the first one to the left, the others to the right. */
export function columns(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const padded = (cell, column) =>
    column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]);
  return rows.map((row) => row.map(padded).join('  ').trimEnd()).join('\n');
}
