// With a catalogue declared, its ids are the only ones. Compiled, never run.
import Proyecta, { type CouponCode, type FeatureId, type PriceId, type ProductId } from '@proyecta-ai/sdk';

/** Whether two types are the same, and not only assignable. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(answer: Same<A, B>): boolean => answer;

same<FeatureId, 'feat_calls' | 'feat_export'>(true);
same<Proyecta.FeatureId, FeatureId>(true);
same<ProductId, 'prod_pro'>(true);
same<PriceId, 'var_pro_monthly' | 'var_pro_yearly'>(true);
same<CouponCode, never>(true);

const { features, products, prices, variants, coupons } = new Proyecta().commerce;
declare const text: string;

// As the first argument, and as a member.
features.get('feat_calls');
features.get({ featureId: 'feat_calls' });
products.archive('prod_pro');
prices.update('var_pro_monthly', { name: 'Monthly' });
variants.get('var_pro_yearly');
prices.list({ productId: 'prod_pro' });
// @ts-expect-error no such feature
features.get('feat_cals');
// @ts-expect-error no such feature
features.get({ featureId: 'feat_cals' });
// @ts-expect-error no such product
products.archive('prod_por');
// @ts-expect-error no such price
prices.update('var_monthly', { name: 'Monthly' });
// @ts-expect-error no such product
prices.list({ productId: 'prod_por' });
// @ts-expect-error any text is not one of them
features.get(text);
features.get(text as FeatureId);

// Inside others.
products.update('prod_pro', { features: ['feat_export', { id: 'feat_calls', limit: 5 }] });
prices.update('var_pro_yearly', { bundle: { priceIds: ['var_pro_monthly'] } });
coupons.update('coup_1', { products: ['prod_pro'] });
// @ts-expect-error no such feature
products.update('prod_pro', { features: ['feat_exprot'] });
// @ts-expect-error no such feature
products.update('prod_pro', { features: [{ id: 'feat_cals', limit: 5 }] });
// @ts-expect-error no such price
prices.update('var_pro_yearly', { bundle: { priceIds: ['var_monthly'] } });
// @ts-expect-error no such product
coupons.update('coup_1', { products: ['prod_por'] });

// What is new has an id that nobody knows yet, and what customers type is any text.
features.create({ id: 'feat_new', name: 'New' });
products.create({
  id: 'prod_new',
  name: 'New',
  variants: [{ id: 'var_new', name: 'Once', currency: 'KRW', unitAmount: 1 }],
});
prices.replace('var_pro_monthly', { id: 'var_pro_monthly_2', unitAmount: 5 });
coupons.get({ code: text });

// An answer's id can be asked for again.
const product = await products.get('prod_pro');
same<typeof product.id, ProductId>(true);
products.update(product.id, { name: 'Pro' });
for (const price of product.variants) prices.archive(price.id);
