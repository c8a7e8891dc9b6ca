// The licence texts of the crates that are linked into the binary, which their licences want beside it.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Problem } from './problem.mjs';
import { output, ROOT } from './shell.mjs';

/** Writes the texts to `file`, each once with the crates it stands for. Kept while Cargo.lock is the same. */
export async function writeNotices(file) {
  const lock = await readFile(join(ROOT, 'Cargo.lock'), 'utf8');
  const keyFile = `${file}.lock`;
  if (existsSync(file) && existsSync(keyFile) && (await readFile(keyFile, 'utf8')) === lock) return;
  const byText = new Map();
  for (const crate of linkedCrates()) {
    for (const text of await licenceTexts(crate)) {
      byText.set(text, [...(byText.get(text) ?? []), `${crate.name} ${crate.version} (${crate.license})`]);
    }
  }
  const parts = [...byText].map(([text, crates]) => `${crates.sort().join('\n')}\n\n${text}`).sort();
  const head = 'This binary contains SQLite, which is in the public domain, and the following crates.';
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${[head, ...parts].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
  await writeFile(keyFile, lock);
}

/** What the addon depends on at run time, on any platform; macros run at compile time only. */
function linkedCrates() {
  const metadata = output('cargo', ['metadata', '--locked', '--format-version', '1']);
  if (metadata === null) throw new Problem('`cargo metadata` failed, so the licences are not known.');
  const { packages, resolve } = JSON.parse(metadata);
  const packageOf = new Map(packages.map((one) => [one.id, one]));
  const nodeOf = new Map(resolve.nodes.map((node) => [node.id, node]));
  const isMacro = ({ targets }) => targets.some(({ kind }) => kind.includes('proc-macro'));
  const found = new Set();
  const visit = (id) => {
    if (found.has(id) || isMacro(packageOf.get(id))) return;
    found.add(id);
    for (const { pkg, dep_kinds: kinds } of nodeOf.get(id).deps) {
      if (kinds.some(({ kind }) => kind === null)) visit(pkg);
    }
  };
  visit(resolve.root);
  found.delete(resolve.root);
  return [...found].map((id) => packageOf.get(id));
}

async function licenceTexts({ name, manifest_path: manifest }) {
  const folder = dirname(manifest);
  const files = (await readdir(folder, { withFileTypes: true })).filter(
    (entry) => entry.isFile() && /^(licen[cs]e|copying|notice|unlicense)/i.test(entry.name),
  );
  const texts = await Promise.all(files.map((entry) => readFile(join(folder, entry.name), 'utf8')));
  return texts.length > 0 ? texts.map((text) => text.trim()) : [`(${name} comes without a licence file)`];
}
