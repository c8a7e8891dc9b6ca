// The API over HTTP, beside axum with a fixed answer and beside Fastify with better-sqlite3.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { filledFiles, sameContent, withFilledFiles, withOneSide } from '../lib/files.mjs';
import { load, requestFile } from '../lib/load.mjs';
import { comparison, figure, interleave } from '../lib/measure.mjs';
import { person } from '../lib/people.mjs';
import { KEY, startFastify, startFixed, startOurs, withServers } from '../lib/serving.mjs';

const LIMIT = 20;
const FASTIFY = 'Fastify + better-sqlite3';
const rateRow = { unit: '/s', better: 'higher', beside: FASTIFY };
const processorRow = { unit: 'µs', better: 'lower', beside: FASTIFY };

const secondsOf = (cx) => (cx.quick ? 1 : 2.5);
const of = (samples, field) => samples.map((sample) => sample[field]);

async function fetched(server, path) {
  const response = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${KEY}` } });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
  return text;
}

/** Both sides have to answer with the same members; of these, ids and times differ by nature. */
function sameShape(ours, theirs) {
  const shape = (text) =>
    JSON.stringify(JSON.parse(text), (name, value) => {
      if (value === null || !['id', 'createdAt', 'updatedAt', 'nextCursor'].includes(name)) return value;
      return '…';
    });
  if (shape(ours) === shape(theirs)) return;
  throw new Error(`the two sides do not answer the same: ${ours} and ${theirs}`);
}

/** `GET /v1/customers/{id}`. */
export async function getOverHttp(cx) {
  const { paths, ids, sampled } = await filledFiles(cx);
  const pathsOf = (side) => ids[side].slice(0, sampled.random.length).map((id) => `/v1/customers/${id}`);
  const wanted = { sdk: pathsOf('sdk'), peer: pathsOf('peer') };
  const files = {};
  for (const side of ['sdk', 'peer']) {
    files[side] = await requestFile(
      cx.workspace,
      wanted[side].map((path) => ['GET', path]),
    );
  }
  const databases = {
    ours: () => startOurs(paths.sdk),
    fastify: () => startFastify(cx.workspace, paths.peer),
  };
  return withServers(databases, async ({ ours, fastify }) => {
    const answer = await fetched(ours, wanted.sdk[0]);
    sameShape(answer, await fetched(fastify, wanted.peer[0]));
    const axumServer = { axum: () => startFixed(cx.workspace, answer) };
    return withServers(axumServer, async ({ axum }) => {
      const seconds = secondsOf(cx);
      const contenders = {
        ours: () => load(ours, files.sdk, { seconds }),
        axum: () => load(axum, files.sdk, { seconds }),
        fastify: () => load(fastify, files.peer, { seconds }),
      };
      await interleave(1, contenders);
      const seen = await interleave(cx.rounds, contenders);
      const what = 'GET one customer, 64 connections';
      const beside = { unit: '/s', better: 'higher', beside: 'axum, fixed answer' };
      return [
        comparison(
          { ...beside, name: 'http-get-axum', what, must: 0.4, aim: 0.6 },
          of(seen.ours, 'rate'),
          of(seen.axum, 'rate'),
        ),
        comparison(
          { ...rateRow, name: 'http-get', what, must: 2, aim: 3 },
          of(seen.ours, 'rate'),
          of(seen.fastify, 'rate'),
        ),
        comparison(
          {
            ...processorRow,
            name: 'http-get-cpu',
            what: '… processor time per request',
            must: 0.5,
            aim: 0.333,
          },
          of(seen.ours, 'processor'),
          of(seen.fastify, 'processor'),
        ),
        comparison(
          { ...processorRow, name: 'http-get-cpu-axum', what: '… the same', beside: 'axum, fixed answer' },
          of(seen.ours, 'processor'),
          of(seen.axum, 'processor'),
        ),
      ];
    });
  });
}

/** `GET /v1/customers?limit=20`, first and last page. */
export async function listOverHttp(cx) {
  const cursors = await withFilledFiles(cx, async ({ sdk, peer, filled }) => {
    const [middle, last] = [-2, -1];
    const ours = await sdk.call('cursors', LIMIT, filled.ids.sdk.at(middle), filled.ids.sdk.at(last));
    const theirs = await peer.call('cursors', LIMIT, filled.ids.peer.at(middle), filled.ids.peer.at(last));
    return { sdk: ours.last, peer: Buffer.from(JSON.stringify(theirs.last)).toString('base64url') };
  });
  const { paths } = await filledFiles(cx);
  const first = `/v1/customers?limit=${LIMIT}`;
  const last = (side) => `${first}&cursor=${encodeURIComponent(cursors[side])}`;
  const file = (path) => requestFile(cx.workspace, [['GET', path]]);
  const files = {
    first: await file(first),
    sdk: await file(last('sdk')),
    peer: await file(last('peer')),
  };
  const servers = {
    ours: () => startOurs(paths.sdk),
    fastify: () => startFastify(cx.workspace, paths.peer),
  };
  return withServers(servers, async ({ ours, fastify }) => {
    sameShape(await fetched(ours, first), await fetched(fastify, first));
    sameShape(await fetched(ours, last('sdk')), await fetched(fastify, last('peer')));
    const seconds = secondsOf(cx);
    const contenders = {
      oursFirst: () => load(ours, files.first, { seconds }),
      fastifyFirst: () => load(fastify, files.first, { seconds }),
      oursLast: () => load(ours, files.sdk, { seconds }),
      fastifyLast: () => load(fastify, files.peer, { seconds }),
    };
    await interleave(1, contenders);
    const seen = await interleave(cx.rounds, contenders);
    const rate = (name) => of(seen[name], 'rate');
    const rows = `${LIMIT} of ${cx.rows.toLocaleString('en')} customers`;
    return [
      comparison(
        {
          ...rateRow,
          name: 'http-list-first',
          what: `GET a list, first ${rows}, 64 connections`,
          must: 2,
          aim: 3,
        },
        rate('oursFirst'),
        rate('fastifyFirst'),
      ),
      comparison(
        { ...rateRow, name: 'http-list-last', what: `GET a list, last ${rows}`, must: 2, aim: 3 },
        rate('oursLast'),
        rate('fastifyLast'),
      ),
      figure(
        {
          name: 'http-list-depth',
          what: '… time of the last page beside the first',
          unit: '×',
          better: 'lower',
          must: 1.2,
          aim: 1.2,
        },
        rate('oursFirst').map((one, round) => one / rate('oursLast')[round]),
      ),
    ];
  });
}

let folders = 0;

/** `POST /v1/customers`, every answer after the sync of its transaction. */
export async function createOverHttp(cx) {
  folders += 1;
  const folder = join(cx.workspace, `http-${folders}`);
  await mkdir(folder);
  const paths = { sdk: join(folder, 'sdk.db'), peer: join(folder, 'peer.db') };
  const schema = await schemaOfNew(paths.sdk);
  const count = cx.quick ? 3200 : 6400;
  const batches = [];
  for (let round = 0; round <= cx.rounds; round++) {
    const people = Array.from({ length: count }, (_, index) => person(round * count + index));
    batches.push(
      await requestFile(
        cx.workspace,
        people.map((given) => ['POST', '/v1/customers', given]),
      ),
    );
  }
  const servers = {
    ours: () => startOurs(paths.sdk),
    fastify: () => startFastify(cx.workspace, paths.peer, schema),
  };
  const rows = await withServers(servers, async ({ ours, fastify }) => {
    await load(ours, batches[cx.rounds], {});
    await load(fastify, batches[cx.rounds], {});
    const seen = await interleave(cx.rounds, {
      ours: (round) => load(ours, batches[round], {}),
      fastify: (round) => load(fastify, batches[round], {}),
    });
    const what = 'POST a customer, durable, 64 connections';
    return [
      comparison(
        { ...rateRow, name: 'http-create', what, must: 3, aim: 5 },
        of(seen.ours, 'rate'),
        of(seen.fastify, 'rate'),
      ),
      comparison(
        { ...processorRow, unit: 'ms', name: 'http-create-p99', what: '… p99', must: 0.2, aim: 0.2 },
        of(seen.ours, 'p99'),
        of(seen.fastify, 'p99'),
      ),
    ];
  });
  await withOneSide('peer', (peer) => sameContent({ paths, peer }));
  return rows;
}

/** The statements that make the tables of a new file. */
async function schemaOfNew(path) {
  await withServers({ ours: () => startOurs(path) }, () => undefined);
  return withOneSide('peer', (peer) => peer.call('schemaOf', path));
}
