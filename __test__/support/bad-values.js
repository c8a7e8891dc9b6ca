// Values that no parameter takes, and texts that no text is made of.

/** Marks values that are personal; no error may show it. */
const SECRET = 'Zq7Secret';

class Person {
  constructor() {
    this.line1 = SECRET;
  }
}

const thrower = () => {
  throw new Error(`${SECRET} thrown by the caller`);
};
const TRAPS = ['get', 'has', 'ownKeys', 'getOwnPropertyDescriptor', 'getPrototypeOf'];
const hostile = (traps) =>
  new Proxy({ line1: SECRET }, Object.fromEntries(traps.map((trap) => [trap, thrower])));

function nested(depth) {
  let value = {};
  for (let index = 0; index < depth; index++) value = index % 2 ? [value] : { deeper: value };
  return value;
}

function cyclic() {
  const value = { line1: 'x' };
  value.self = { value };
  return value;
}

function revoked(target) {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** What plain JavaScript may hand over in the place of data; made anew for each use. */
const NO_DATA = {
  'a function': () => () => SECRET,
  'a class': () => Person,
  'a symbol': () => Symbol(SECRET),
  'a bigint': () => 5n,
  NaN: () => Number.NaN,
  Infinity: () => Number.POSITIVE_INFINITY,
  'minus Infinity': () => Number.NEGATIVE_INFINITY,
  'an invalid date': () => new Date(Number.NaN),
  'an instance of a class': () => new Person(),
  'a map': () => new Map([['line1', SECRET]]),
  'a set': () => new Set([SECRET]),
  'a regular expression': () => /x/,
  'a promise': () => Promise.resolve(SECRET),
  'an error': () => new Error(SECRET),
  'a buffer': () => Buffer.from(SECRET),
  'a typed array': () => new Float64Array(3),
  'a text in an object': () => new String(SECRET),
  'a number in an object': () => new Number(5),
  'a generator': () => (function* () {})(),
  'an object with toJSON': () => ({ toJSON: () => SECRET }),
  'an object with toString': () => ({ toString: () => SECRET }),
  'an object that contains itself': cyclic,
  'a list that contains itself': () => {
    const list = [];
    list.push([list]);
    return list;
  },
  'an object of 10,000 levels': () => nested(10_000),
  'an object with a getter that throws': () =>
    Object.defineProperty({}, 'line1', { enumerable: true, get: thrower }),
  'a list with a getter that throws': () => Object.defineProperty([1], 0, { enumerable: true, get: thrower }),
  'a revoked proxy of an object': () => revoked({}),
  'a revoked proxy of a list': () => revoked([]),
  'a proxy that throws at everything': () => hostile(TRAPS),
  'a proxy that throws when it is listed': () => hostile(['ownKeys']),
  'a list with a hole': () => Object.assign([], { length: 2, 1: SECRET }),
  'a sparse list of four thousand million': () => Object.assign([], { length: 2 ** 32 - 1 }),
  'an object with the key __proto__': () => JSON.parse('{"__proto__": {"polluted": true}}'),
};

const INSTANTS = ['instant', 'word-or-instant', 'instant-or-object'];
const BOOLEANS = ['boolean', 'boolean-or-object', 'word-or-boolean'];

/** JSON of each type, and which kinds of parameter take it. */
const JSON_VALUES = [
  {
    value: 5,
    fits: ['whole', 'place', 'signed', 'limit', 'decimal', 'signed-decimal', ...INSTANTS],
  },
  { value: -1, fits: ['signed', 'signed-decimal'] },
  { value: 1.5, fits: ['decimal', 'signed-decimal'] },
  { value: true, fits: [...BOOLEANS, 'true'] },
  { value: false, fits: BOOLEANS },
  { value: SECRET, fits: ['text', 'loose', 'text-or-object'] },
  { value: '', fits: ['loose'] },
  { value: '5', fits: ['text', 'loose', 'limit', 'decimal', 'signed-decimal', 'text-or-object'] },
  { value: [], fits: ['texts', 'words', 'word-or-words', 'emails', 'ids', 'list'] },
  { value: [SECRET], fits: ['texts'] },
  { value: [['a@example.com']], fits: [] },
  { value: [null], fits: [] },
  { value: {}, fits: ['object', 'attributes', 'metadata'] },
  { value: { [SECRET]: 5 }, fits: ['attributes'] },
  { value: { length: 1, 0: 'a' }, fits: ['attributes'] },
  { value: new Date(0), fits: ['text', 'loose', 'text-or-object', ...INSTANTS] },
];

/** Texts that no parameter holds. */
const BROKEN_TEXTS = {
  'half of a surrogate pair, the first': `${SECRET}\ud83d`,
  'half of a surrogate pair, the second': `\ude00${SECRET}`,
  'surrogates in the wrong order': `a\ude00\ud83d${SECRET}`,
  'a NUL character': `${SECRET}\0`,
  'a NUL character first': `\0${SECRET}`,
  'a megabyte': SECRET.repeat(120_000),
  'a megabyte of Korean': '김'.repeat(350_000),
  'a megabyte of space': `a${' '.repeat(1 << 20)}b`,
};

module.exports = { SECRET, TRAPS, NO_DATA, JSON_VALUES, BROKEN_TEXTS, hostile, nested, thrower };
