// What a project with `import` sees. Compiled, never run: a line below `@ts-expect-error` must not compile.
import { createReadStream } from 'node:fs';
import Proyecta, {
  AbortError,
  CardError,
  type CheckoutSession,
  ConflictError,
  type Customer,
  type CustomerCreateParams,
  type CustomerImport,
  type ErrorCode,
  type Event,
  type FeatureId,
  type List,
  type Proyecta as Named,
  type NextCharge,
  NotFoundError,
  type Order,
  type Page,
  type Payment,
  type PendingChange,
  type Product,
  ProyectaError,
  type ProyectaOptions,
  type Receipt,
  type Store,
  type Subscription,
  type SubscriptionPreview,
} from '@proyecta-ai/sdk';

/** Whether two types are the same, and not only assignable. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(answer: Same<A, B>): boolean => answer;

same<typeof Proyecta, typeof Named>(true);
same<typeof Proyecta.NotFoundError, typeof NotFoundError>(true);
same<Proyecta.Customer, Customer>(true);

// Without a declared catalogue (catalog/) an id is text.
same<FeatureId, string>(true);
same<Proyecta.ProductId, string>(true);
same<Proyecta.PriceId, string>(true);
same<Proyecta.CouponCode, string>(true);

// The constructor.
const proyecta = new Proyecta();
const options: ProyectaOptions = {
  apiKey: process.env['PROYECTA_API_KEY'],
  database: undefined,
  logLevel: 'debug',
  logger: console,
};
new Proyecta(options);
const version: string = Proyecta.VERSION;
// @ts-expect-error an unknown option
new Proyecta({ apiKye: 'x' });
// @ts-expect-error the key goes into the options
new Proyecta('sk_test_x');
// @ts-expect-error not a level
new Proyecta({ logLevel: 'loud' });
// @ts-expect-error the resources are there to be called, not replaced
proyecta.commerce = {} as Proyecta.Commerce;

const { customers, customFields, signupForm, events } = proyecta.commerce;

// Both call styles.
const created: Promise<Customer> = customers.create({
  email: 'jane@example.com',
  name: undefined,
  phone: null,
});
customers.create(
  { email: 'a@b.co' },
  {
    idempotencyKey: 'k',
    timeout: 5000,
    signal: AbortSignal.timeout(1000),
    maxRetries: 2,
    headers: { a: undefined },
  },
);
customers.get('cus_1');
customers.get('cus_1', { signal: new AbortController().signal });
customers.get({ customerId: 'cus_1' }, { timeout: undefined });
customers.get({ key: 'user-17' });
customers.update(
  'cus_1',
  { name: null, metadata: { plan: 'pro', old: null, absent: undefined } },
  { timeout: 100 },
);
customers.update({ customerId: 'cus_1', address: { line1: 'Main Street 1', postal_code: '04524' } });
customers.delete('cus_1');
customers.delete('cus_1', { ifVersion: 3 });
customers.delete('cus_1', { timeout: 100 });
customers.verifyPassword('cus_1', { password: 'correct horse' });
customers.recordLogin('cus_1');
// @ts-expect-error the e-mail address is required
customers.create({ name: 'Jane' });
// @ts-expect-error a misspelt parameter
customers.create({ email: 'a@b.co', nmae: 'Jane' });
// @ts-expect-error a number for a text
customers.create({ email: 5 });
// @ts-expect-error an e-mail address cannot be cleared
customers.update('cus_1', { email: null });
// @ts-expect-error nothing to change
customers.update('cus_1');
// @ts-expect-error the id is there already
customers.update('cus_1', { customerId: 'cus_2' });
// @ts-expect-error no id
customers.update({ name: 'Jane' });
// @ts-expect-error no customer
customers.get();
// @ts-expect-error an option that does not exist
customers.get('cus_1', { singal: AbortSignal.timeout(1) });
// @ts-expect-error the signal is an option, not a parameter
customers.create({ email: 'a@b.co', signal: AbortSignal.timeout(1) });
// @ts-expect-error addresses have snake_case members, as documented
customers.create({ email: 'a@b.co', address: { postalCode: '04524' } });

// With exactOptionalPropertyTypes an optional input still takes undefined.
declare const phone: string | undefined;
const params: CustomerCreateParams = {
  email: 'a@b.co',
  phone,
  marketing: { sms: undefined, email: true },
  attributes: { size: 5, tags: ['a'], born: new Date(), absent: undefined },
};
customers.create(params);
// @ts-expect-error functions are no data
customers.create({ email: 'a@b.co', attributes: { f: () => 1 } });
// @ts-expect-error metadata holds texts
customers.create({ email: 'a@b.co', metadata: { count: 5 } });

// What comes back.
const customer = await created;
same<typeof customer, Customer>(true);
same<Customer['email'], string | null>(true);
same<Customer['status'], 'normal' | 'dormant'>(true);
same<Customer['object'], 'customer'>(true);
same<Customer['createdAt'], string>(true);
same<Customer['metadata'], Record<string, string>>(true);
same<NonNullable<Customer['address']>['postal_code'], string | null>(true);
// @ts-expect-error the name may be missing
const name: string = customer.name;
// @ts-expect-error passwords never come back
customer.password;

// Lists.
const list: List<Customer> = customers.list({
  limit: '20',
  sort: '-created',
  created: { gte: new Date(), lt: 1_760_000_000_000 },
  createdAfter: '2026-01-01T00:00:00Z',
  expand: ['total'],
});
const page: Page<Customer> = await list;
const { data, hasMore, nextCursor, total } = await customers.list();
same<typeof data, Customer[]>(true);
same<typeof hasMore, boolean>(true);
same<typeof nextCursor, string | null>(true);
same<typeof total, number | undefined>(true);
for await (const each of list) same<typeof each, Customer>(true);
const rows: Customer[] = await list.toArray({ limit: 1000 });
list
  .then(({ data: [first] }) => first?.id)
  .catch(() => null)
  .finally(() => undefined);
// @ts-expect-error the limit is required, so that nobody collects a million rows by accident
list.toArray();
// @ts-expect-error no such order
customers.list({ sort: 'age' });
// @ts-expect-error no such status
customers.list({ status: 'gone' });
for await (const event of events.list({ after: 0, type: 'customer.created' }))
  same<typeof event, Event>(true);
for await (const event of events.stream(
  { after: 'evt_1', subjectId: 'cus_1' },
  { signal: new AbortController().signal },
))
  same<typeof event, Event>(true);
const live: Proyecta.Stream<Event> = events.stream();
const next: IteratorResult<Event, undefined> = await live.next();
if (!next.done) same<typeof next.value, Event>(true);
await live.return();
// @ts-expect-error a stream has no pages
events.stream({ limit: 5 });

// Files.
const report: CustomerImport = await customers.import('customers.xlsx', {
  onExisting: 'update',
  dryRun: true,
  onProgress: ({ rows: done }) => console.log(done.toFixed()),
});
report.errors.map(({ row, column, reason }) => `${row} ${column ?? ''} ${reason}`);
for (const file of [
  Buffer.from(''),
  new Uint8Array(),
  new ArrayBuffer(1),
  new Blob([]),
  new File([], 'x.csv'),
  new URL('file:///tmp/x.csv'),
  createReadStream('x.csv'),
  new ReadableStream<Uint8Array>(),
]) {
  customers.import(file, {}, { signal: AbortSignal.timeout(1000) });
}
// @ts-expect-error not a file
customers.import(5);
// @ts-expect-error not a choice
customers.import('x.csv', { onExisting: 'replace' });
const template: Buffer = await customers.importTemplate();
template.toString('base64');
customers.importTemplate({ timeout: 1000 });
customers.importTemplate({}, { timeout: 1000 });

// The other resources.
const field = await customFields.create({
  type: 'dropdown',
  label: 'Size',
  choices: ['S', 'M'] as const,
  order: 1,
});
customFields.update(field.key, { label: 'Size of shirt' });
customFields.update({ key: field.key, enabled: false });
customFields.delete(field.key);
// @ts-expect-error no such type
customFields.create({ type: 'colour', label: 'Colour' });
signupForm.get();
signupForm.get({ timeout: 5 });
signupForm.update({ account: 'email', fields: { phone: { required: true } } });
const submitted: Customer = await signupForm.submit({
  email: 'a@b.co',
  password: 'correct horse',
  attributes: { size: 'M' },
});
const store: Store = await proyecta.store;
same<typeof store.mode, 'test' | 'live'>(true);
// @ts-expect-error the store stands beside commerce
proyecta.commerce.store;

// The catalogue.
const { products, prices, variants, coupons } = proyecta.commerce;
same<typeof variants, typeof prices>(true);
const product: Product = await products.create({
  name: 'Pro',
  features: ['feat_api', { id: 'feat_sso', limit: '10.5', overage: 'deny' }],
  options: { groups: [{ name: 'Size', values: ['S', { name: 'L' }] }] },
  variants: [{ name: 'Monthly', currency: 'KRW', unitAmount: 9900, recurring: { interval: 'month' } }],
});
for (const price of product.variants) {
  same<typeof price.type, 'one_time' | 'flat' | 'bundle' | 'usage' | 'seat'>(true);
  same<typeof price.includedUnits, number | string | null>(true);
}
products.update(product.id, { stock: null, ifVersion: product.version });
products.archive(product.id);
prices.replace('var_1', { unitAmountDecimal: '0.5' });
coupons.get({ code: 'WELCOME10' });
// @ts-expect-error a currency is always named
prices.create({ productId: product.id, name: 'Monthly', unitAmount: 9900 });
// @ts-expect-error what a coupon takes off never changes
coupons.update('coup_1', { percentOff: 5 });

// Buying, and what comes of it.
const { checkoutSessions, orders, payments, subscriptions, usages, creditBalance, testClocks, sandbox } =
  proyecta.commerce;
const session: CheckoutSession = await proyecta.commerce.checkout({
  customer: { email: 'a@b.co', name: undefined },
  lineItems: [{ variantId: 'var_1' }],
  successUrl: 'https://example.com/thanks',
  trial: { interval: 'week', count: 2 },
});
same<typeof session.url, string>(true);
same<typeof session.status, 'open' | 'complete' | 'expired'>(true);
checkoutSessions.expire(session.id);
// @ts-expect-error nobody knows where to go after paying
proyecta.commerce.checkout({ customerId: 'cus_1', lineItems: [{ variantId: 'var_1' }] });
const order: Order = await orders.create({
  customerId: 'cus_1',
  items: [{ priceId: 'var_1', minQuantity: 1, maxQuantity: null }],
});
same<typeof order.type, 'one_time' | 'initial' | 'renewal' | 'method_change' | 'quota_topup'>(true);
same<typeof order.paidAt, string | null>(true);
orders.get({ number: order.number });
orders.pay(order.id);
orders.pay(order.id, { paymentMethodId: 'pm_1', expectTotal: order.total });
orders.refund(order.id, { amount: 500 });
orders.updateItem(order.id, { itemId: 'oi_1', state: 'order_delivery_on_the_way' });
// @ts-expect-error no such state
orders.updateItem(order.id, { itemId: 'oi_1', state: 'lost' });
const paid: List<Payment> = payments.list({ orderId: order.id, status: 'succeeded' });
same<Payment['retryable'], boolean | null>(true);
const receipt: Receipt = await payments.receipt('key_1');
same<typeof receipt.paymentStatus, 'complete' | 'failed' | null>(true);

// A change gives the subscription, or with `preview: true` what it would cost.
const made: Subscription = await subscriptions.create({
  customerId: 'cus_1',
  items: [{ priceId: 'var_1' }],
  trial: false,
});
const looked: SubscriptionPreview = await subscriptions.create({
  customerId: 'cus_1',
  items: [{ priceId: 'var_1' }],
  preview: true,
});
same<typeof looked.nextCharge, NextCharge | null>(true);
const ended = await subscriptions.cancel('sub_1');
same<typeof ended, Subscription>(true);
const endsLater = await subscriptions.cancel('sub_1', { when: 'period_end', credit: true }, { timeout: 5 });
same<typeof endsLater, Subscription>(true);
const wouldEnd = await subscriptions.cancel('sub_1', { when: new Date(), preview: true });
same<typeof wouldEnd, SubscriptionPreview>(true);
const stays = await subscriptions.uncancel({ subscriptionId: 'sub_1', preview: false });
same<typeof stays, Subscription>(true);
const asGiven = await subscriptions.resume({ subscriptionId: 'sub_1', preview: undefined });
same<typeof asGiven, Subscription>(true);
const changed = await subscriptions.changePlan('sub_1', { variantId: 'var_2', preview: true });
subscriptions.changePlan('sub_1', {
  variantId: 'var_2',
  expectTotal: changed.total,
  effectiveAt: changed.effectiveAt,
});
declare const undecided: boolean;
const either = await subscriptions.renewNow('sub_1', { preview: undecided });
same<typeof either, Subscription | SubscriptionPreview>(true);
if (either.object === 'subscription') same<typeof either, Subscription>(true);
subscriptions.pause('sub_1', { when: 'now', until: { interval: 'month', count: 1 } });
subscriptions.pause('sub_1', { until: '2030-01-01' });
subscriptions.updateQuantity('sub_1', { quantity: 5, effectiveDate: 'next_billing' });
subscriptions.updatePaymentMethod('sub_1', { paymentMethodId: 'pm_1', retry: false });
subscriptions.update('sub_1', { metadata: { plan: 'pro' } });
subscriptions.list({ status: 'active' });
for await (const { status, pendingChange } of subscriptions.list({ status: ['active', 'paused'] as const })) {
  same<typeof pendingChange, PendingChange | null>(true);
  // @ts-expect-error no such status
  if (status === 'cancelled') break;
}
for await (const { at, total: due } of subscriptions.upcoming('sub_1', { periods: 12 }))
  console.log(at.slice(0, 10), due.toFixed());
// @ts-expect-error a misspelt parameter
subscriptions.cancel('sub_1', { whne: 'now' });
// @ts-expect-error the same beside a preview
subscriptions.cancel('sub_1', { whne: 'now', preview: true });
// @ts-expect-error no such gap
subscriptions.changePaymentDate('sub_1', { at: '2030-01-01', gap: 'free' });
// @ts-expect-error from when on is not said
subscriptions.updateQuantity('sub_1', { quantity: 5 });
// @ts-expect-error nothing to change
subscriptions.changePaymentDate('sub_1');
// @ts-expect-error no such status
subscriptions.list({ status: 'cancelled' });

// The rest of it.
const used = await usages.record({ subscriptionItemId: 'si_1', record: '-0.5', at: Date.now() });
same<typeof used.accumulatedQuota, number | string | null>(true);
usages.calculate('sub_1').then(({ amount, items }) => [amount.toFixed(), items[0]?.lines]);
const credit = await creditBalance.adjust({
  customerId: 'cus_1',
  amount: -5,
  currency: 'KRW',
  reason: 'used',
});
same<typeof credit.balance, number>(true);
const { allowed, reason } = await proyecta.commerce.check({ customerId: 'cus_1', featureId: 'feat_api' });
same<typeof allowed, boolean>(true);
same<typeof reason, 'subscribed' | 'not_subscribed' | 'not_in_service'>(true);
const clock = await testClocks.create({ now: new Date(), scope: 'store' });
testClocks.advance(clock.id, { to: '2030-01-01' }).then(({ status }) => status === 'ready');
testClocks.advance(clock.id, { to: '2030-01-01', onProgress: ({ progress }) => progress.toFixed(2) });
// @ts-expect-error until when is not said
testClocks.advance(clock.id);
customers.create({ email: 'a@b.co', testClock: clock.id });
sandbox.emit('pay_1', { event: 'dispute_won' });
sandbox.emit('pay_1', 'settled', { timeout: 100 });
// @ts-expect-error no such event
sandbox.emit('pay_1', 'stolen');
const { data: days } = await proyecta.commerce.forecast({ until: '2030-01-01' });
days.map(({ date, currency, amount, count }) => `${date} ${currency} ${amount.toFixed()} ${count.toFixed()}`);

// Errors.
try {
  await customers.get('cus_1');
} catch (error) {
  if (error instanceof NotFoundError) {
    same<typeof error.type, 'not_found'>(true);
    const code: ErrorCode = error.code;
    // @ts-expect-error no such code
    if (error.code === 'customer_lost') console.log(code);
    if (error.code === 'customer_deleted')
      console.log(error.param, error.statusCode, error.details?.['customerId']);
  } else if (error instanceof CardError) {
    same<typeof error.declineCode, string | null>(true);
  } else if (error instanceof ProyectaError) {
    // Having been none of the classes above, it still may be one of the others.
    if (error instanceof ConflictError || error instanceof AbortError)
      console.log(error.retryable, error.cause);
  }
}
const thrown: ProyectaError = new NotFoundError(
  { code: 'customer_not_found', message: 'for a test' },
  { cause: new Error() },
);

// The end.
await proyecta.close();
{
  await using short = new Proyecta({ database: ':memory:' });
  await short.commerce.customers.list();
}

export { ended, looked, made, name, page, paid, rows, submitted, thrown, version };
