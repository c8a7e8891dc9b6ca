// The measurements: chooses and runs the cases, prints the table, writes what was asked for.
import { readFile, writeFile } from 'node:fs/promises';
import { createEach, createTogether } from './cases/create.mjs';
import { createOverHttp, getOverHttp, listOverHttp } from './cases/http.mjs';
import { importRows } from './cases/import.mjs';
import { createOnPostgres } from './cases/postgres.mjs';
import { previewPurchase } from './cases/preview.mjs';
import { getByEmail, getById, listPages, search } from './cases/read.mjs';
import { remoteCalls } from './cases/remote.mjs';
import { clockYear, renewalLatency, renewalRun, renewalScale, renewalWorkers } from './cases/renewals.mjs';
import { idleServer } from './cases/server.mjs';
import { start } from './cases/start.mjs';
import { chart } from './lib/chart.mjs';
import { sideVersions } from './lib/files.mjs';
import { machine } from './lib/machine.mjs';
import { verdict } from './lib/measure.mjs';
import { page } from './lib/page.mjs';
import { note, progress } from './lib/progress.mjs';
import { statements, surroundings, table } from './lib/report.mjs';
import { withWorkspace } from './lib/workspace.mjs';

/** Every case under the name that `--only` knows. Those over many customers share their files. */
const CASES = {
  'create-64': createTogether,
  'create-1': createEach,
  'get-id': getById,
  'get-email': getByEmail,
  list: listPages,
  search,
  import: importRows,
  preview: previewPurchase,
  start,
  'http-get': getOverHttp,
  'http-list': listOverHttp,
  'http-create': createOverHttp,
  postgres: createOnPostgres,
  remote: remoteCalls,
  idle: idleServer,
  renewals: renewalRun,
  'renewal-scale': renewalScale,
  'renewal-latency': renewalLatency,
  'renewal-workers': renewalWorkers,
  'clock-year': clockYear,
};

export const NAMES = Object.keys(CASES);

/** Measures; answers whether every row reaches what it must. */
export async function measure(options) {
  const run = await withWorkspace(options.folder, (workspace) => runCases(options, workspace));
  console.log(`\n${table(run.rows)}\n`);
  console.log(`${surroundings(run)}\n`);
  console.log(statements(run.rows));
  if (options.json) await writeFile(options.json, `${JSON.stringify(run, null, 2)}\n`);
  if (options.publish) await publish(options.publish, run);
  return run.failed.length === 0 && run.rows.every((row) => verdict(row) !== 'missed');
}

async function runCases({ only, quick, full, rounds }, workspace) {
  const cx = { workspace, quick, full, rounds, rows: quick ? 100_000 : 1_000_000, progress, note };
  const rows = [];
  const failed = [];
  for (const name of only.length > 0 ? only : NAMES) {
    note(`${name} …`);
    try {
      rows.push(...(await CASES[name](cx)));
    } catch (error) {
      note(`✖ ${name}: ${error.message}`);
      failed.push(name);
    }
  }
  const versions = await sideVersions();
  return { machine: machine(workspace), versions, rounds, rows, customers: cx.rows, quick, full, failed };
}

/** Writes the chart and the page of the documentation, of this run or of a JSON file of an earlier one. */
export async function publish({ svg, markdown }, run) {
  if (svg) await writeFile(svg, chart(run));
  if (markdown) await writeFile(markdown, page(run));
}

/** The run that `--json` wrote. */
export const load = async (path) => JSON.parse(await readFile(path, 'utf8'));
