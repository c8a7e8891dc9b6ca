// Reads what matters of a 64-bit little-endian ELF file: its sections, and what it asks of others.

const SECTION_VERSION_NEED = 0x6ffffffe;
const SECTION_DYNAMIC = 6;
const TAG_NEEDED = 1n;

/** Names of the sections, of the libraries it needs, and of the symbol versions it asks of them. */
export function readElf(file) {
  if (file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1) {
    throw new Error('not a 64-bit little-endian ELF file');
  }
  const sections = readSections(file);
  return {
    sections: sections.map(({ name }) => name),
    libraries: sections
      .filter(({ type }) => type === SECTION_DYNAMIC)
      .flatMap((section) => needed(file, sections, section)),
    versions: sections
      .filter(({ type }) => type === SECTION_VERSION_NEED)
      .flatMap((section) => versions(file, sections, section)),
  };
}

function readSections(file) {
  const start = Number(file.readBigUInt64LE(0x28));
  const [size, count, names] = [0x3a, 0x3c, 0x3e].map((offset) => file.readUInt16LE(offset));
  const sections = Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    return {
      nameAt: file.readUInt32LE(at),
      type: file.readUInt32LE(at + 4),
      offset: Number(file.readBigUInt64LE(at + 0x18)),
      size: Number(file.readBigUInt64LE(at + 0x20)),
      link: file.readUInt32LE(at + 0x28),
      info: file.readUInt32LE(at + 0x2c),
    };
  });
  return sections.map((section) => ({
    ...section,
    name: text(file, sections[names].offset + section.nameAt),
  }));
}

const text = (file, start) => file.toString('latin1', start, file.indexOf(0, start));

function needed(file, sections, { offset, size, link }) {
  const names = [];
  for (let at = offset; at < offset + size; at += 16) {
    if (file.readBigInt64LE(at) !== TAG_NEEDED) continue;
    names.push(text(file, sections[link].offset + Number(file.readBigUInt64LE(at + 8))));
  }
  return names;
}

// A list of libraries, each with a list of versions; every entry says how far the next one is.
function versions(file, sections, { offset, link, info }) {
  const names = [];
  for (let library = 0, at = offset; library < info; library++) {
    const count = file.readUInt16LE(at + 2);
    for (let entry = 0, auxAt = at + file.readUInt32LE(at + 8); entry < count; entry++) {
      names.push(text(file, sections[link].offset + file.readUInt32LE(auxAt + 8)));
      auxAt += file.readUInt32LE(auxAt + 12);
    }
    at += file.readUInt32LE(at + 12);
  }
  return names;
}
