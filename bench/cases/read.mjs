// Reads over many customers: by id, by e-mail address, pages, searches.
import { withFilledFiles } from '../lib/files.mjs';
import { comparison, figure, interleave } from '../lib/measure.mjs';
import { person, picks } from '../lib/people.mjs';
import { median } from '../lib/stats.mjs';

const LIMIT = 20;

const p50 = async (side, method, ...given) => median(await side.call(method, ...given));

/** Row `round` of a list that was cut into one part per round. */
const part = (list, round, rounds) => {
  const size = Math.floor(list.length / rounds);
  return list.slice(round * size, (round + 1) * size);
};

/** `get` by id. */
export function getById(cx) {
  return withFilledFiles(cx, async ({ sdk, peer, filled }) => {
    const { random } = filled.sampled;
    const idsOf = (side, round) => part(filled.ids[side].slice(0, random.length), round, cx.rounds);
    // Once over everything first: pages come from the system's cache, not from the disk.
    await sdk.call('get', filled.ids.sdk);
    await peer.call('get', filled.ids.peer);
    const { ours, theirs } = await interleave(cx.rounds, {
      ours: (round) => p50(sdk, 'get', idsOf('sdk', round)),
      theirs: (round) => p50(peer, 'get', idsOf('peer', round)),
    });
    const row = { name: 'get-id', what: 'get by id, p50', unit: 'ms', better: 'lower', baseline: 'get' };
    return [comparison({ ...row, must: 2, aim: 1.2 }, ours, theirs)];
  });
}

/** `list` with an e-mail address. */
export function getByEmail(cx) {
  return withFilledFiles(cx, async ({ sdk, peer, filled }) => {
    const emails = filled.sampled.random.map((index) => person(index).email);
    await sdk.call('byEmail', emails);
    await peer.call('byEmail', emails);
    const { ours, theirs } = await interleave(cx.rounds, {
      ours: (round) => p50(sdk, 'byEmail', part(emails, round, cx.rounds)),
      theirs: (round) => p50(peer, 'byEmail', part(emails, round, cx.rounds)),
    });
    const row = { name: 'get-email', what: 'list by e-mail, p50', unit: 'ms', better: 'lower' };
    return [comparison({ ...row, baseline: 'email', must: 2, aim: 1.2 }, ours, theirs)];
  });
}

/** Pages of 20: the first, one in the middle, the last. */
export function listPages(cx) {
  return withFilledFiles(cx, async ({ sdk, peer, filled }) => {
    const [middle, last] = [-2, -1];
    const cursors = {
      sdk: await sdk.call('cursors', LIMIT, filled.ids.sdk.at(middle), filled.ids.sdk.at(last)),
      peer: await peer.call('cursors', LIMIT, filled.ids.peer.at(middle), filled.ids.peer.at(last)),
    };
    const times = cx.quick ? 100 : 200;
    const samples = await interleave(cx.rounds, pagesOf({ sdk, peer }, cursors, times));
    await samePages({ sdk, peer }, cursors);
    const rows = ['first', 'middle', 'last'].map((page) =>
      comparison(
        {
          name: `list-${page}`,
          what: `list of ${LIMIT}, ${page} page of ${cx.rows.toLocaleString('en')} customers, p50`,
          unit: 'ms',
          better: 'lower',
          baseline: 'list',
          must: 2,
          aim: 1.2,
        },
        samples[`sdk ${page}`],
        samples[`peer ${page}`],
      ),
    );
    const [firstPages, lastPages] = [samples['sdk first'], samples['sdk last']];
    const own = { name: 'list-depth', what: '… its last page beside its first', unit: '×', better: 'lower' };
    const depth = lastPages.map((time, round) => time / firstPages[round]);
    return [...rows, figure({ ...own, must: 1.2, aim: 1.2 }, depth)];
  });
}

function pagesOf(sides, cursors, times) {
  const contenders = {};
  for (const page of ['first', 'middle', 'last']) {
    for (const side of ['sdk', 'peer']) {
      contenders[`${side} ${page}`] = () => p50(sides[side], 'page', LIMIT, cursors[side][page], times);
    }
  }
  return contenders;
}

async function samePages({ sdk, peer }, cursors) {
  for (const page of ['first', 'middle', 'last']) {
    const sizes = [await sdk.call('sizeOf', LIMIT, cursors.sdk[page])];
    sizes.push(await peer.call('sizeOf', LIMIT, cursors.peer[page]));
    const [ours, theirs] = sizes.map((size) => JSON.stringify(size));
    if (ours !== theirs) throw new Error(`the ${page} page differs: ${ours} and ${theirs}`);
  }
}

/** Searches that few customers match; each kind with many different texts. */
export function search(cx) {
  return withFilledFiles(cx, async ({ sdk, peer }) => {
    const results = [];
    for (const [name, what, queryOf] of KINDS) {
      const queries = queriesOf(cx, queryOf);
      await sameFinds({ sdk, peer }, queries);
      const { ours, theirs } = await interleave(cx.rounds, {
        ours: (round) => p50(sdk, 'search', part(queries, round, cx.rounds)),
        theirs: (round) => p50(peer, 'search', part(queries, round, cx.rounds)),
      });
      const example = queries[0];
      const row = { name, what: `search, ${what} (“${example}”), p50`, unit: 'ms', better: 'lower' };
      results.push(figure({ ...row, baseline: 'search', must: 5, aim: 1 }, ours, theirs));
    }
    return results;
  });
}

const hasNumber = ({ name }) => /^\p{Script=Hangul}{3} \d+$/u.test(name);

// What an operator types: part of a name with the number behind it, part of an address, all of it.
const KINDS = [
  ['search-name', 'two syllables and digits', (one) => (hasNumber(one) ? one.name.slice(1) : null)],
  [
    'search-part',
    'part of an address',
    ({ email }) => email.slice(email.indexOf('.') + 1, email.indexOf('@')),
  ],
  ['search-email', 'a whole address', ({ email }) => email],
];

function queriesOf(cx, queryOf) {
  const people = picks(4000, cx.rows, 2).map(person);
  return people
    .map(queryOf)
    .filter((query) => query !== null)
    .slice(0, cx.rounds * (cx.quick ? 20 : 40));
}

async function sameFinds({ sdk, peer }, queries) {
  for (const query of queries.slice(0, 10)) {
    const [ours, theirs] = [await sdk.call('found', query), await peer.call('found', query)];
    if (JSON.stringify(ours) === JSON.stringify(theirs) && ours.rows > 0) continue;
    throw new Error(`“${query}” finds ${JSON.stringify(ours)} and ${JSON.stringify(theirs)}`);
  }
}
