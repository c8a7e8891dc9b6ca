// The chart of the documentation: speed beside better-sqlite3, as an SVG that follows the reader's
// light or dark setting.
import { shown, times } from './format.mjs';

const WIDTH = 720;
const LEFT = 236;
const RIGHT = 168;
const TOP = 66;
const STEP = 34;
const BAR = 18;

const TITLES = {
  'create-64': 'create, 64 in flight',
  'create-1': 'create, one at a time',
  'get-id': 'get by id',
  'get-email': 'list by e-mail',
  'list-first': 'first page of 20',
  'list-middle': 'page in the middle',
  'list-last': 'last page',
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
  const height = TOP + bars.length * STEP + 30;
  const one = LEFT + scale;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label(bars)}">
  <style>${STYLE}
  </style>
  <text x="16" y="26" class="title">Speed beside better-sqlite3 doing the same by hand</text>
  <text x="16" y="46" class="faint">longer is faster; durable writes, reads over ${run.customers.toLocaleString('en')} customers</text>
${bars.map((bar, index) => drawn(bar, index, scale)).join('\n')}
  <line x1="${round(one)}" x2="${round(one)}" y1="${TOP - 6}" y2="${height - 26}" class="one"/>
  <text x="${round(one)}" y="${height - 10}" text-anchor="middle" class="faint">better-sqlite3</text>
</svg>
`;
}

// A rate that is higher and a time that is lower are both faster.
function barOf(row) {
  const speed = row.better === 'higher' ? row.ratio : 1 / row.ratio;
  return { title: TITLES[row.name], speed, value: `${shown(row.sdk, row.unit)}, ${times(speed)}` };
}

function drawn({ title, speed, value }, index, scale) {
  const y = TOP + index * STEP;
  const middle = y + BAR / 2 + 4.5;
  const end = LEFT + speed * scale;
  return `  <text x="${LEFT - 12}" y="${middle}" text-anchor="end">${title}</text>
  <rect x="${LEFT}" y="${y}" width="${round(speed * scale)}" height="${BAR}" rx="3" class="bar"/>
  <text x="${round(Math.max(end, LEFT + scale) + 10)}" y="${middle}">${value}</text>`;
}

const label = (bars) => bars.map(({ title, speed }) => `${title}: ${times(speed)}`).join('; ');
const round = (value) => Math.round(value * 10) / 10;
