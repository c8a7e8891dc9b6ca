// Every operation with its parameters, as the documentation of the package has them: what is
// good for each, and what is not. Written by hand, so that it can disagree with the code; that no
// parameter is missing here is checked against `index.d.ts`.

const { BILLING, KIND } = require('./billing-operations.js');
const { CATALOGUE, fillCatalogue } = require('./catalogue-operations.js');
const { SETTINGS } = require('./settings-operations.js');
const { PAYMENTS, fillMethod } = require('./payment-operations.js');

// A parameter's kind is a word, the kinds of an object's members, or for a list of objects the
// kind of an element before those of its members. With `!` it must not be null either.
const ADDRESS = {
  line1: 'text',
  line2: 'text',
  city: 'text',
  state: 'text',
  postal_code: 'text',
  country: 'country',
};
const SHIPPING = { name: 'text', phone: 'phone', address: ADDRESS };
const MARKETING = { sms: 'boolean', email: 'boolean', kakao: 'boolean' };
const FIELD_CHANGE = { label: 'text!', enabled: 'boolean!', required: 'boolean!', order: 'whole!' };
const PROFILE = {
  name: 'text',
  phone: 'phone',
  address: ADDRESS,
  attributes: 'attributes!',
  metadata: 'metadata!',
  marketing: MARKETING,
};
const OWN = { key: 'text', username: 'text', additionalRecipients: 'emails', countryCode: 'country' };

/**
 * By name: the `params` with their kinds, `given` as an example that is accepted (or, with `accepted`
 * beside it, one that is only well-formed), `id` when that
 * parameter may come first on its own, and the `shape` in `index.d.ts`.
 */
const OPERATIONS = {
  'customers.create': {
    shape: 'CustomerCreateParams',
    given: () => ({ email: 'fresh@example.com' }),
    params: { email: 'email!', id: 'id', ...PROFILE, ...OWN, shipping: SHIPPING, testClock: 'id' },
  },
  'customers.get': {
    shape: 'CustomerGetParams',
    id: 'customerId',
    given: ({ customer }) => ({ customerId: customer.id }),
    params: { customerId: 'id', key: 'text' },
  },
  'customers.list': {
    shape: 'CustomerListParams',
    given: () => ({}),
    params: {
      query: 'loose',
      email: 'loose',
      status: 'word',
      createdAfter: 'instant',
      createdBefore: 'instant',
      created: { gt: 'instant', gte: 'instant', lt: 'instant', lte: 'instant' },
      sort: 'word',
      limit: 'limit',
      cursor: 'cursor',
      startingAfter: 'id',
      expand: 'words',
    },
  },
  'customers.update': {
    shape: 'CustomerUpdateParams',
    id: 'customerId',
    given: ({ customer }) => ({ customerId: customer.id, name: 'Changed' }),
    params: {
      customerId: 'id!',
      email: 'email!',
      ...PROFILE,
      ...OWN,
      shipping: SHIPPING,
      ifVersion: 'whole',
    },
  },
  'customers.delete': {
    shape: 'CustomerDeleteParams',
    id: 'customerId',
    given: ({ customer }) => ({ customerId: customer.id }),
    params: { customerId: 'id!', cancelSubscriptions: 'boolean', ifVersion: 'whole' },
  },
  'customers.recordLogin': {
    shape: 'CustomerRecordLoginParams',
    id: 'customerId',
    given: ({ customer }) => ({ customerId: customer.id }),
    params: { customerId: 'id!' },
  },
  'customers.verifyPassword': {
    shape: 'CustomerVerifyPasswordParams',
    id: 'customerId',
    given: ({ customer }) => ({ customerId: customer.id, password: 'correct horse' }),
    params: { customerId: 'id!', password: 'loose!', field: 'text' },
  },
  'customers.importTemplate': { shape: 'CustomerImportTemplateParams', given: () => ({}), params: {} },
  'customFields.create': {
    shape: 'CustomFieldCreateParams',
    given: () => ({ type: 'text', label: 'Fresh' }),
    params: {
      key: 'text',
      type: 'word!',
      label: 'text!',
      required: 'boolean',
      enabled: 'boolean',
      order: 'whole',
      choices: 'texts',
    },
  },
  'customFields.list': {
    shape: 'CustomFieldListParams',
    given: () => ({}),
    params: { limit: 'limit', cursor: 'cursor' },
  },
  'customFields.update': {
    shape: 'CustomFieldUpdateParams',
    id: 'key',
    given: ({ field }) => ({ key: field.key, label: 'Changed' }),
    params: { key: 'text!', ...FIELD_CHANGE, choices: 'texts!', ifVersion: 'whole' },
  },
  'customFields.delete': {
    shape: 'CustomFieldDeleteParams',
    id: 'key',
    given: ({ field }) => ({ key: field.key }),
    params: { key: 'text!', ifVersion: 'whole' },
  },
  'signupForm.get': { shape: 'SignupFormGetParams', given: () => ({}), params: {} },
  'signupForm.update': {
    shape: 'SignupFormUpdateParams',
    given: () => ({ account: 'id' }),
    params: {
      account: 'word!',
      fields: {
        username: FIELD_CHANGE,
        name: FIELD_CHANGE,
        phone: FIELD_CHANGE,
        email: FIELD_CHANGE,
        password: FIELD_CHANGE,
        marketing: FIELD_CHANGE,
      },
      ifVersion: 'whole',
    },
  },
  'signupForm.submit': {
    shape: 'SignupFormSubmitParams',
    given: () => ({ email: 'fresh@example.com', name: 'Fresh', password: 'correct horse' }),
    params: { username: 'text', email: 'email', password: 'loose', ...PROFILE },
  },
  ...CATALOGUE,
  ...SETTINGS,
  ...PAYMENTS,
  ...BILLING,
  'events.list': {
    shape: 'EventListParams',
    given: () => ({}),
    params: { type: 'text', subjectId: 'text', after: 'place', limit: 'limit', cursor: 'cursor' },
  },
};

/** Each parameter of an operation, those inside objects too: its path, its steps and its kind. */
function parametersOf(params, steps = []) {
  return Object.entries(params).flatMap(([name, kind]) => {
    const here = [...steps, name];
    const own = { path: pathOf(here), steps: here };
    if (typeof kind === 'string') return [{ ...own, kind }];
    if (!Array.isArray(kind)) return [{ ...own, kind: kind[KIND] ?? 'object' }, ...parametersOf(kind, here)];
    const [of, members] = kind;
    const first = [...here, 0];
    const element = { path: pathOf(first), steps: first, kind: `${of}!` };
    const list = of === 'text-or-object' ? 'texts' : 'list';
    return [{ ...own, kind: list }, element, ...parametersOf(members, first)];
  });
}

/** Steps as errors show them: `options.groups[0].name`. */
function pathOf(steps) {
  return steps
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .slice(1);
}

/** `given` with `value` at the place that `steps` lead to. */
function withValue(given, steps, value) {
  const [step, ...rest] = steps;
  const params = Array.isArray(given) ? [...given] : { ...given };
  params[step] = rest.length === 0 ? value : withValue(params[step] ?? {}, rest, value);
  return params;
}

/** A store with a customer, a payment method and a field that operations can be about. */
async function fill(store) {
  const customer = await store.customers.create({ email: 'stored@example.com', name: 'Stored' });
  const method = await fillMethod(store, customer);
  return fillCatalogue(store, { customer, method, field: await fillField(store) });
}

function fillField(store) {
  return store.customFields.create({ key: 'stored', type: 'dropdown', label: 'S', choices: ['a'] });
}

/** The call of an operation by its name; some have no noun. */
function callOf(store, name, ...args) {
  const [noun, verb] = name.split('.');
  return verb === undefined ? store[noun](...args) : store[noun][verb](...args);
}

module.exports = { OPERATIONS, parametersOf, pathOf, withValue, fill, fillField, callOf };
