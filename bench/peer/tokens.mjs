// Cuts texts into search tokens as the engine does (src/domain/search.rs), written as somebody would
// who wants the same rows found with better-sqlite3 alone.

const ASCII = 0x7f;
const PRIVATE_USE = 0xe000;
const ALPHANUMERIC = /[0-9A-Za-z]/;

/** How texts are compared: composed and lower case. */
export const fold = (text) => text.trim().normalize('NFC').toLowerCase().normalize('NFC');

/** The tokens of folded texts, each once, joined for the index. */
export function tokens(store, texts) {
  const found = new Set();
  for (const text of texts) {
    const characters = Array.from(text);
    for (let at = 0; at + 1 < characters.length; at++) {
      const ascii = isAscii(characters[at]) && isAscii(characters[at + 1]);
      if (!ascii) found.add(token(store, characters, at, at + 2));
      else if (at + 2 < characters.length && isAscii(characters[at + 2])) {
        found.add(token(store, characters, at, at + 3));
      }
    }
  }
  return [...found];
}

const isAscii = (character) => character.charCodeAt(0) <= ASCII;

function token(store, characters, from, until) {
  let text = `${store}·`;
  for (let at = from; at < until; at++) text += kept(characters[at]);
  return text;
}

// A character that the tokenizer would split at gets a stand-in.
function kept(character) {
  if (!isAscii(character) || ALPHANUMERIC.test(character)) return character;
  return String.fromCharCode(PRIVATE_USE + character.charCodeAt(0));
}
