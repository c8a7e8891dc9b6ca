// `commerce.paymentMethods.create`: cards registered at the sandbox gateway.
const { failure } = require('../support/customers.js');
const { CARD } = require('../support/payment-operations.js');
const {
  allEvents,
  closeStores,
  expectError,
  expectInvalid,
  openStore,
  Proyecta,
} = require('../support/store.js');

const { CardError, IdempotencyError, InvalidRequestError, NotFoundError } = Proyecta;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const LIVE = { apiKey: 'sk_live_contract_0123456789abcdef' };
let store;
let methods;
let customer;
beforeEach(async () => {
  store = openStore();
  methods = store.paymentMethods;
  customer = await store.customers.create({ email: 'a@example.com' });
});
afterEach(closeStores);

const card = (rest = {}) => ({ customerId: customer.id, card: { ...CARD, ...rest } });
const everyMethod = () => methods.list({ customerId: customer.id }).toArray({ limit: 1000 });

test('a card becomes a payment method, the first one the default', async () => {
  const method = await methods.create(card({ password: '12', personalId: '900101' }));
  expect(method).toEqual({
    id: expect.stringMatching(/^pm_[0-9a-hjkmnp-tv-z]{26}$/),
    object: 'payment_method',
    customerId: customer.id,
    type: 'card',
    gateway: 'sandbox',
    issuer: 'Visa',
    last4: '4242',
    expirationYear: '30',
    expirationMonth: '12',
    isCorporate: false,
    isDefault: true,
    status: 'active',
    metadata: {},
    version: 1,
    createdAt: expect.stringMatching(INSTANT),
    updatedAt: method.createdAt,
  });
  expect(await methods.get(method.id)).toEqual(method);
  const events = await allEvents(store);
  expect(events.at(-1)).toMatchObject({
    type: 'payment_method.created',
    subjectId: method.id,
    subjectVersion: 1,
    data: { object: method, before: null },
  });
});

test('a company has a number of its own', async () => {
  const method = await methods.create({
    ...card({ isCorporate: true, corporateId: '1234567890', password: '00' }),
    metadata: { team: 'sales' },
  });
  expect(method).toMatchObject({ isCorporate: true, metadata: { team: 'sales' } });
});

test('snake_case is taken too', async () => {
  const given = { number: CARD.number, expiration_year: '31', expiration_month: '01', is_corporate: false };
  const method = await methods.create({ customer_id: customer.id, card: given, make_default: true });
  expect(method).toMatchObject({ expirationYear: '31', expirationMonth: '01' });
});

test.each([
  ['9876 5400 0000 0001', '신한카드', '0001'],
  ['1234560000000002', 'KB국민카드', '0002'],
  ['5555 5555 5555 4444', 'Mastercard', '4444'],
  ['0000000000000000', 'Sandbox', '0000'],
])('%s is of %s', async (number, issuer, last4) => {
  expect(await methods.create(card({ number }))).toMatchObject({ issuer, last4 });
});

test.each([
  ['4000 0000 0000 0002', 'generic', true],
  ['4000000000009995', 'insufficient_funds', true],
  ['4000000000000119', 'processing_error', true],
  ['4000000000000069', 'expired_card', false],
  ['4000000000009987', 'lost_card', false],
  ['4000000000009979', 'stolen_card', false],
  ['4000000000000127', 'incorrect_password', false],
])('%s is declined: %s', async (number, declineCode, retryable) => {
  const error = await expectError(methods.create(card({ number })), CardError, 'card_declined', 'card');
  const details = { gatewayCode: declineCode };
  expect(error).toMatchObject({ type: 'card_declined', statusCode: 402, declineCode, retryable, details });
  expect(JSON.parse(JSON.stringify(error))).toMatchObject({ declineCode, retryable });
  expect(await everyMethod()).toEqual([]);
  expect((await allEvents(store)).map(({ type }) => type)).toEqual(['customer.created']);
});

test.each([
  '4000000000000341',
  '4000000000003220',
  '4000000000010000',
  '4000000000020099',
  '4000000000040000',
  '4000000000030000',
  '4000000000030001',
  '4000000000030002',
  '4000000000030003',
  '4000000000030004',
])('%s is registered: only its charges are special', async (number) => {
  expect(await methods.create(card({ number }))).toMatchObject({ status: 'active' });
});

test.each([
  [{ number: undefined }, 'card.number', 'parameter_missing'],
  [{ number: '' }, 'card.number'],
  [{ number: '424242424242424' }, 'card.number'],
  [{ number: '42424242424242424' }, 'card.number'],
  [{ number: '3782 822463 10005' }, 'card.number'],
  [{ number: '4242-4242-4242-4242' }, 'card.number'],
  [{ number: ' 4242424242424242' }, 'card.number'],
  [{ number: '4242 4242 4242 424x' }, 'card.number'],
  [{ number: '４２４２424242424242' }, 'card.number'],
  [{ number: 4242424242424242 }, 'card.number'],
  [{ expirationYear: undefined }, 'card.expirationYear', 'parameter_missing'],
  [{ expirationYear: '2030' }, 'card.expirationYear'],
  [{ expirationYear: 30 }, 'card.expirationYear'],
  [{ expirationMonth: undefined }, 'card.expirationMonth', 'parameter_missing'],
  [{ expirationMonth: '13' }, 'card.expirationMonth'],
  [{ expirationMonth: '00' }, 'card.expirationMonth'],
  [{ expirationMonth: '1' }, 'card.expirationMonth'],
  [{ password: '123' }, 'card.password'],
  [{ password: '1x' }, 'card.password'],
  [{ isCorporate: 'yes' }, 'card.isCorporate'],
  [{ personalId: '1990-01-01' }, 'card.personalId'],
  [{ personalId: '900101', isCorporate: true }, 'card.personalId'],
  [{ corporateId: '123456789', isCorporate: true }, 'card.corporateId'],
  [{ corporateId: '1234567890' }, 'card.corporateId'],
  [{ cvc: '123' }, 'card.cvc', 'parameter_unknown'],
])('refuses the card %j', async (bad, param, ...[code]) => {
  const error = await expectInvalid(methods.create(card(bad)), param, code);
  expect(error.message).not.toMatch(/\d{5}/);
  expect(await everyMethod()).toEqual([]);
});

test.each([
  [{ card: undefined }, 'card', 'parameter_missing'],
  [{ card: null }, 'card', 'parameter_missing'],
  [{ card: '4242424242424242' }, 'card'],
  [{ authKey: 'auth_1' }, 'authKey'],
  [{ card: undefined, authKey: 'auth_1' }, 'authKey'],
  [{ card: undefined, authKey: 'two words' }, 'authKey'],
  [{ card: undefined, authKey: '' }, 'authKey'],
  [{ customerId: undefined }, 'customerId', 'parameter_missing'],
  [{ customerId: 'pm_1' }, 'customerId'],
  [{ makeDefault: 'yes' }, 'makeDefault'],
  [{ metadata: { a: 5 } }, 'metadata.a'],
])('refuses %j', async (bad, param, ...[code]) => {
  await expectInvalid(methods.create({ ...card(), ...bad }), param, code);
  expect(await everyMethod()).toEqual([]);
});

test('the sandbox says that it has no page for authorisation keys', async () => {
  const error = await failure(methods.create({ customerId: customer.id, authKey: 'auth_1' }));
  expect(error.message).toMatch(/sandbox gateway has none: give card/);
});

test('a customer that is not there has no cards', async () => {
  const none = methods.create({ ...card(), customerId: 'cus_none' });
  await expectError(none, NotFoundError, 'customer_not_found', 'customerId');
  await store.customers.delete(customer.id);
  await expectError(methods.create(card()), NotFoundError, 'customer_deleted', 'customerId');
});

test('a live store has no gateway yet', async () => {
  const live = openStore(LIVE);
  const { id } = await live.customers.create({ email: 'a@example.com' });
  const call = live.paymentMethods.create({ customerId: id, card: CARD });
  const error = await expectError(call, InvalidRequestError, 'gateway_missing');
  expect(error.message).toMatch(/sandbox/);
});

describe('an idempotency key', () => {
  const KEY = { idempotencyKey: 'card-1' };

  test('gives the first answer again', async () => {
    const first = await methods.create(card(), KEY);
    await methods.update(first.id, { metadata: { a: '1' } });
    expect(await methods.create(card(), KEY)).toEqual(first);
    expect(await everyMethod()).toHaveLength(1);
  });

  test('gives a decline again, word for word', async () => {
    const declined = () => failure(methods.create(card({ number: '4000000000009995' }), KEY));
    const plain = ({ type, code, message, param, declineCode, retryable, details }) => ({
      type,
      code,
      message,
      param,
      declineCode,
      retryable,
      details,
    });
    const first = await declined();
    expect(first).toBeInstanceOf(CardError);
    expect(plain(await declined())).toEqual(plain(first));
  });

  test('does not compare cards, but everything else', async () => {
    const first = await methods.create(card(), KEY);
    expect(await methods.create(card({ number: '5555555555554444' }), KEY)).toEqual(first);
    const other = methods.create({ ...card(), makeDefault: true }, KEY);
    await expectError(other, IdempotencyError, 'idempotency_key_reused', 'idempotencyKey');
  });

  test('is free again after a refusal', async () => {
    const refused = methods.create({ customerId: customer.id, authKey: 'auth_1' }, KEY);
    await expectInvalid(refused, 'authKey');
    await expectInvalid(methods.create(card({ number: '1' }), KEY), 'card.number');
    expect(await methods.create(card(), KEY)).toMatchObject({ last4: '4242' });
  });

  test('makes one of many at once', async () => {
    const calls = Array.from({ length: 20 }, () => methods.create(card(), KEY));
    const answers = await Promise.all(calls);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(await everyMethod()).toHaveLength(1);
  });
});
