// Code blocks and links of Markdown files.
const { readFileSync } = require('node:fs');
const { join, resolve } = require('node:path');

const ROOT = resolve(__dirname, '../..');

/** The files whose code has to run, by their paths in the repository. */
const FILES = [
  'README.md',
  'docs/sandbox.md',
  'examples/signup-hook/README.md',
  'examples/admin-customers/README.md',
];

const read = (file) => readFileSync(join(ROOT, file), 'utf8');
const lineOf = (text, index) => text.slice(0, index).split('\n').length;

/** Every fenced block of the files: `{ file, line, language, text, name }`. */
function blocks() {
  return FILES.flatMap((file) => {
    const markdown = read(file);
    return [...markdown.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(({ index, 1: language, 2: text }) => {
      const line = lineOf(markdown, index);
      return { file, line, language, text, name: `${file}:${line} ${language}` };
    });
  });
}

/** Every link and picture of the files: `{ file, target }`. */
function links() {
  return FILES.flatMap((file) =>
    [...read(file).matchAll(/\]\(([^)\s]+)\)/g)].map(({ 1: target }) => ({ file, target })),
  );
}

module.exports = { FILES, ROOT, blocks, links, read };
