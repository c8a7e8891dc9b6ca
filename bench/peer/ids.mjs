import { randomFillSync } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const pool = Buffer.alloc(4096);
let used = pool.length;

/** Prefix and 26 characters of a UUIDv7, as the engine's ids are. */
export function newId(prefix, now = Date.now()) {
  if (used + 10 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + 10);
  used += 10;
  let high = now;
  let text = '';
  // 48 bits of time are ten characters, of which the first holds the top three bits.
  for (let at = 0; at < 10; at++) {
    text = ALPHABET[high % 32] + text;
    high = Math.floor(high / 32);
  }
  let bits = 0;
  let held = 0;
  for (const byte of random) {
    bits = (bits << 8) | byte;
    held += 8;
    while (held >= 5) {
      held -= 5;
      text += ALPHABET[(bits >>> held) & 31];
    }
  }
  return prefix + text;
}
