// What a purchase costs, beside reading the rows that decide it.
import { withFreshFiles } from '../lib/files.mjs';
import { comparison, interleave } from '../lib/measure.mjs';
import { median } from '../lib/stats.mjs';

/** `preview` of three pieces of a monthly price, with the next payment. */
export function previewPurchase(cx) {
  return withFreshFiles(cx, async ({ sdk, peer, sides }) => {
    const ids = await sdk.call('seedCatalogue', cx.quick ? 1000 : 4000);
    const previews = async () => median(await sdk.call('preview', ids));
    const reads = async () => median(await peer.call('readPurchases', sides.paths.sdk, ids));
    await previews();
    await reads();
    const { ours, theirs } = await interleave(cx.rounds, { ours: previews, theirs: reads });
    const what = 'preview of a purchase, beside reading its price and product, p50';
    const row = { name: 'preview', what, unit: 'ms', better: 'lower', baseline: 'purchase' };
    return [comparison({ ...row, must: 5, aim: 3 }, ours, theirs)];
  });
}
