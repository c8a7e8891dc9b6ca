// Creates on PostgreSQL, embedded engine beside the same rows by hand through `pg`. Both write to
// databases of one server, which waits for its disk at every commit.
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../../scripts/lib/postgres.mjs';
import { comparison, interleave } from '../lib/measure.mjs';
import { startSide } from '../lib/side.mjs';

const SDK = fileURLToPath(new URL('../sides/sdk.mjs', import.meta.url));
const PG = fileURLToPath(new URL('../sides/pg.mjs', import.meta.url));
const IN_FLIGHT = 32;

/** `create` on PostgreSQL, 32 in flight. */
export async function createOnPostgres(cx) {
  const server = await startPostgres();
  const sdk = startSide(SDK);
  const peer = startSide(PG);
  try {
    const version = await peer.call('makeDurable', server.url);
    const byHand = await peer.call('createDatabase', server.url, 'by_hand');
    // The engine makes the tables in both.
    for (const url of [byHand, server.url]) {
      await sdk.call('close');
      await sdk.call('open', url);
    }
    await peer.call('open', byHand, IN_FLIGHT);
    return [await measured(cx, { sdk, peer }, { ours: server.url, byHand }, version)];
  } finally {
    await Promise.all([sdk.stop(), peer.stop()]);
    await server.stop();
  }
}

async function measured(cx, { sdk, peer }, urls, version) {
  const count = cx.quick ? 3200 : 6400;
  const rate = async (side, at) => count / (await side.call('createTogether', at, count, IN_FLIGHT));
  const contenders = {
    ours: (round) => rate(sdk, (round + 1) * count),
    theirs: (round) => rate(peer, (round + 1) * count),
  };
  await sdk.call('createTogether', 0, count, IN_FLIGHT);
  await peer.call('createTogether', 0, count, IN_FLIGHT);
  const { ours, theirs } = await interleave(cx.rounds, contenders);
  const [written, byHand] = [
    await peer.call('contentOf', urls.ours),
    await peer.call('contentOf', urls.byHand),
  ];
  for (const part of Object.keys(written)) {
    if (written[part] !== byHand[part]) throw new Error(`the two sides have not done the same: ${part}`);
  }
  return comparison(
    {
      name: 'postgres-create',
      what: `create on PostgreSQL ${version}, ${IN_FLIGHT} in flight, durable`,
      beside: 'pg, a transaction each',
      unit: '/s',
      better: 'higher',
      baseline: 'postgres',
      must: 0.9,
      aim: 1.5,
    },
    ours,
    theirs,
  );
}
