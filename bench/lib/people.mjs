// Customers for the benchmarks: the same ones on both sides and in every run, made from their index.

const SURNAMES = [
  ['김', 'kim'],
  ['이', 'lee'],
  ['박', 'park'],
  ['최', 'choi'],
  ['정', 'jung'],
  ['강', 'kang'],
  ['조', 'cho'],
  ['윤', 'yoon'],
  ['장', 'jang'],
  ['임', 'lim'],
];

const SYLLABLES = [
  ['민', 'min'],
  ['준', 'jun'],
  ['서', 'seo'],
  ['연', 'yeon'],
  ['지', 'ji'],
  ['우', 'woo'],
  ['하', 'ha'],
  ['은', 'eun'],
  ['도', 'do'],
  ['윤', 'yun'],
  ['시', 'si'],
  ['현', 'hyun'],
  ['수', 'su'],
  ['아', 'a'],
  ['영', 'young'],
  ['진', 'jin'],
  ['호', 'ho'],
  ['빈', 'bin'],
  ['승', 'seung'],
  ['재', 'jae'],
  ['혜', 'hye'],
  ['원', 'won'],
  ['채', 'chae'],
  ['유', 'yu'],
];

const DOMAINS = [
  'mail.example',
  'mail.example',
  'mail.example',
  'post.example',
  'post.example',
  'office.example',
];

/** Mixes an integer into 32 well-spread bits (the finaliser of MurmurHash3). */
export function mix(integer) {
  let bits = integer | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Customer number `index`: e-mail address and name, as a sign-up form would pass them on. */
export function person(index) {
  const bits = mix(index + 1);
  const [surname, latinSurname] = SURNAMES[bits % SURNAMES.length];
  const [first, latinFirst] = SYLLABLES[(bits >>> 4) % SYLLABLES.length];
  const [second, latinSecond] = SYLLABLES[(bits >>> 10) % SYLLABLES.length];
  const domain = DOMAINS[(bits >>> 16) % DOMAINS.length];
  const email = `${latinFirst}${latinSecond}.${latinSurname}${index}@${domain}`;
  const korean = `${surname}${first}${second}`;
  const kind = (bits >>> 20) % 10;
  if (kind < 6) return { email, name: korean };
  // As shops tell customers of one name apart.
  if (kind < 8) return { email, name: `${korean} ${10_000 + (mix(bits) % 90_000)}` };
  return { email, name: `${capital(latinFirst)}${latinSecond} ${capital(latinSurname)}` };
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** `count` integers below `limit`, the same ones every time. */
export function picks(count, limit, seed = 1) {
  return Array.from({ length: count }, (_, index) => mix(index * 7919 + seed * 104_729) % limit);
}
