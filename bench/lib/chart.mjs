// The chart of the documentation: speed beside doing the same by hand, as an SVG that follows the
// reader's light or dark setting.
import { shown, times } from './format.mjs';

const WIDTH = 720;
const LEFT = 236;
const RIGHT = 168;
const TOP = 66;
const STEP = 34;
const HEAD = 26;
const BAR = 18;

const TITLES = {
  'create-64': 'create, 64 in flight',
  'create-1': 'create, one at a time',
  'get-id': 'get by id',
  'get-email': 'list by e-mail',
  'list-first': 'first page of 20',
  'list-middle': 'page in the middle',
  'list-last': 'last page',
  'http-get': 'HTTP: get',
  'http-list-first': 'HTTP: first page of 20',
  'http-create': 'HTTP: create',
  'postgres-create': 'PostgreSQL: create',
  'remote-32': 'client: 32 in flight',
  'remote-1': 'client: one at a time',
};

/** Whose speed is 1, above the bars of each group. */
const GROUPS = {
  'better-sqlite3': 'embedded, beside better-sqlite3',
  'Fastify + better-sqlite3': 'over HTTP, beside Fastify + better-sqlite3',
  'pg, a transaction each': 'on PostgreSQL, beside pg',
  'stripe-node': 'as a client, beside stripe-node',
};

const STYLE = `
    text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
    .title { font-size: 15px; font-weight: 600; }
    .faint { fill: #59636e; }
    .bar { fill: #1f6feb; }
    .one { stroke: #59636e; stroke-dasharray: 3 3; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .faint { fill: #9198a1; }
      .bar { fill: #4493f8; }
      .one { stroke: #9198a1; }
    }`;

/** The chart of a run. */
export function chart(run) {
  const bars = run.rows.filter(({ name }) => TITLES[name]).map(barOf);
  const longest = Math.max(1, ...bars.map(({ speed }) => speed));
  const scale = (WIDTH - LEFT - RIGHT) / longest;
  const parts = [];
  let y = TOP;
  for (const [beside, title] of Object.entries(GROUPS)) {
    const group = bars.filter((bar) => bar.beside === beside);
    if (group.length === 0) continue;
    parts.push(`  <text x="16" y="${y + 12}" class="faint">${title}</text>`);
    y += HEAD;
    for (const bar of group) {
      parts.push(drawn(bar, y, scale));
      y += STEP;
    }
  }
  const height = y + 30;
  const one = LEFT + scale;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label(bars)}">
  <style>${STYLE}
  </style>
  <text x="16" y="26" class="title">Speed beside doing the same by hand</text>
  <text x="16" y="46" class="faint">longer is faster; durable writes, reads over ${run.customers.toLocaleString('en')} customers</text>
${parts.join('\n')}
  <line x1="${round(one)}" x2="${round(one)}" y1="${TOP - 6}" y2="${height - 26}" class="one"/>
  <text x="${round(one)}" y="${height - 10}" text-anchor="middle" class="faint">1 ×</text>
</svg>
`;
}

// A rate that is higher and a time that is lower are both faster.
function barOf(row) {
  const speed = row.better === 'higher' ? row.ratio : 1 / row.ratio;
  const value = `${shown(row.sdk, row.unit)}, ${times(speed)}`;
  return { title: TITLES[row.name], beside: row.beside ?? 'better-sqlite3', speed, value };
}

function drawn({ title, speed, value }, y, scale) {
  const middle = y + BAR / 2 + 4.5;
  const end = LEFT + speed * scale;
  return `  <text x="${LEFT - 12}" y="${middle}" text-anchor="end">${title}</text>
  <rect x="${LEFT}" y="${y}" width="${round(speed * scale)}" height="${BAR}" rx="3" class="bar"/>
  <text x="${round(Math.max(end, LEFT + scale) + 10)}" y="${middle}">${value}</text>`;
}

const label = (bars) => bars.map(({ title, speed }) => `${title}: ${times(speed)}`).join('; ');
const round = (value) => Math.round(value * 10) / 10;
