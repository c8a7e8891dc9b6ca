// What a project with `import` sees. Compiled, never run: a line below `@ts-expect-error` must not compile.
import { createReadStream } from 'node:fs';
import Proyecta, {
  AbortError,
  CardError,
  ConflictError,
  type Customer,
  type CustomerCreateParams,
  type CustomerImport,
  type ErrorCode,
  type Event,
  type FeatureId,
  type List,
  type Proyecta as Named,
  NotFoundError,
  type Page,
  type Product,
  ProyectaError,
  type ProyectaOptions,
  type Store,
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
const made: ProyectaError = new NotFoundError(
  { code: 'customer_not_found', message: 'for a test' },
  { cause: new Error() },
);

// The end.
await proyecta.close();
{
  await using short = new Proyecta({ database: ':memory:' });
  await short.commerce.customers.list();
}

export { made, name, page, rows, submitted, version };
