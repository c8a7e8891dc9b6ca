// Parameters that do not exist: the error names the near one that does.
const { failure } = require('../support/customers.js');
const { callOf, fill, OPERATIONS, parametersOf, pathOf, withValue } = require('../support/operations.js');
const { contents, expectInvalid, openStore } = require('../support/store.js');

const store = openStore();
let stored;
let before;
beforeAll(async () => {
  stored = await fill(store);
  before = await contents(store);
});
afterEach(async () => expect(await contents(store)).toEqual(before));

test.each([
  ['emial', 'email'],
  ['Email', 'email'],
  ['e_mail', 'email'],
  ['nmae', 'name'],
  ['fone', 'phone'],
  ['adress', 'address'],
  ['addres', 'address'],
  ['meta', null],
  ['metdata', 'metadata'],
  ['metaData', 'metadata'],
  ['userName', 'username'],
  ['user_name', 'username'],
  ['countrycode', 'countryCode'],
  ['additionalRecipient', 'additionalRecipients'],
  ['additional_recipient', 'additionalRecipients'],
  ['attribute', 'attributes'],
  ['shiping', 'shipping'],
  ['completelyElse', null],
  ['이메일', null],
  ['', null],
])('customers.create knows no %j', async (typed, meant) => {
  const params = { email: 'fresh@example.com', [typed]: 'Zq7Secret' };
  const error = await expectInvalid(store.customers.create(params), typed, 'parameter_unknown');
  if (meant !== null) expect(error.message).toMatch(new RegExp(`did you mean ${meant}\\?`));
  expect(error.message).not.toContain('Zq7Secret');
});

/** Slips of the finger in a name: a letter lost, doubled, swapped, or of the wrong case. */
function slips(name) {
  const middle = Math.floor(name.length / 2);
  return [
    name.slice(0, -1),
    name.slice(0, middle) + name.slice(middle - 1),
    name.slice(0, middle - 1) + name[middle] + name[middle - 1] + name.slice(middle + 1),
    name.toUpperCase(),
  ];
}

const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

test.each(Object.keys(OPERATIONS))('%s recognises every parameter behind a slip', async (name) => {
  const { params, given } = OPERATIONS[name];
  for (const { steps } of parametersOf(params)) {
    const last = steps.at(-1);
    if (typeof last === 'number' || last.length < 4) continue;
    const siblings = siblingsOf(params, steps);
    for (const typed of slips(last)) {
      if (siblings.some((one) => [one, snake(one), camel(one)].includes(typed))) continue;
      const path = [...steps.slice(0, -1), typed];
      const error = await failure(() => callOf(store, name, withValue(given(stored), path, 'x')));
      expect([error.name, error.code, error.param]).toEqual([
        'InvalidRequestError',
        'parameter_unknown',
        pathOf(path),
      ]);
      // Whoever types `line` is as near to `line1` as to `line2`.
      const [, near] = /did you mean (\w+?)\d?\?/.exec(error.message) ?? [];
      expect([typed, near]).toEqual([typed, last.replace(/\d$/, '')]);
    }
  }
});

function siblingsOf(params, steps) {
  const members = (inner, step) => (typeof step === 'number' ? inner[1] : inner[step]);
  return Object.keys(steps.slice(0, -1).reduce(members, params));
}

test.each(Object.keys(OPERATIONS))('%s refuses a parameter of another call', async (name) => {
  const { params, given } = OPERATIONS[name];
  const foreign = ['colour', 'offset', 'page', 'proyecta', 'toString', 'hasOwnProperty', 'then'];
  for (const typed of foreign.filter((one) => !(one in Object.keys(params)))) {
    const call = callOf(store, name, { ...given(stored), [typed]: 'x' });
    await expectInvalid(call, typed, 'parameter_unknown');
  }
});

test('an operation without parameters says that it has none', async () => {
  for (const name of ['signupForm.get', 'settings.get', 'customers.importTemplate']) {
    const { message } = await failure(callOf(store, name, { format: 'x' }));
    expect(message).not.toMatch(/:\s*$/);
  }
});

test('a parameter inside an address, a list filter or a setting is named with its path', async () => {
  const { customers, signupForm } = store;
  const create = (params) => customers.create({ email: 'fresh@example.com', ...params });
  const cases = [
    [() => create({ address: { postalcode: '1' } }), 'address.postalcode', 'postal_code'],
    [() => create({ address: { lines1: '1' } }), 'address.lines1', 'line1'],
    [() => create({ shipping: { address: { contry: 'KR' } } }), 'shipping.address.contry', 'country'],
    [() => create({ marketing: { kakoa: true } }), 'marketing.kakoa', 'kakao'],
    [() => customers.list({ created: { gtee: 0 } }), 'created.gtee', 'gte'],
    [() => customers.list({ createdafter: 0 }), 'createdafter', 'createdAfter'],
    [() => customers.list({ starting_afte: 'cus_a' }), 'starting_afte', 'startingAfter'],
    [() => signupForm.update({ fields: { nam: {} } }), 'fields.nam', 'name'],
    [() => signupForm.update({ fields: { name: { lable: 'x' } } }), 'fields.name.lable', 'label'],
  ];
  for (const [call, param, meant] of cases) {
    const error = await expectInvalid(call, param, 'parameter_unknown');
    expect(error.message).toContain(`did you mean ${meant}?`);
  }
});
