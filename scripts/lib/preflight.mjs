import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from './problem.mjs';
import { output, ROOT } from './shell.mjs';

const OLDEST_NODE = [20, 17];

/** Says in one sentence what a build still needs on this machine. */
export function checkTools() {
  checkNode();
  checkRust();
  checkCompiler();
}

/** The Node that runs this script is one the package supports. */
function checkNode() {
  if (older(process.versions.node, OLDEST_NODE)) {
    throw new Problem(
      `Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}. Install Node 20, 22 or 24 and try again.`,
    );
  }
}

function checkRust() {
  const oldest = /^rust-version = "([\d.]+)"/m.exec(readFileSync(join(ROOT, 'Cargo.toml'), 'utf8'))[1];
  const hint = 'Install it with rustup (https://rustup.rs) and try again.';
  if (output('cargo', ['--version']) === null) {
    throw new Problem(
      `Rust ${oldest} or newer is needed to build the engine, and \`cargo\` cannot be run. ${hint}`,
    );
  }
  const found = /^rustc ([\d.]+)/.exec(output('rustc', ['--version']) ?? '')?.[1];
  if (found === undefined || older(found, oldest.split('.').map(Number))) {
    throw new Problem(
      `Rust ${oldest} or newer is needed to build the engine; ${found ?? 'no rustc'} was found. ${hint}`,
    );
  }
}

// The embedded database is C, and rustc links through the C compiler. On Windows rustc and the
// build script find the Visual Studio tools by themselves and say so when they are missing.
function checkCompiler() {
  if (process.platform === 'win32') return;
  if (process.platform === 'darwin' && output('xcode-select', ['-p']) === null) {
    throw new Problem(
      'A C compiler is needed to build the embedded database. Run `xcode-select --install` and try again.',
    );
  }
  if (output('cc', ['--version']) === null) {
    throw new Problem(
      'A C compiler is needed to build the embedded database, and `cc` is not on the PATH. Install one (`apt-get install build-essential` on Debian and Ubuntu) and try again.',
    );
  }
}

/** The Rust tools that only the tests need. */
export function checkRustComponents() {
  for (const [command, component] of [
    ['cargo-fmt', 'rustfmt'],
    ['cargo-clippy', 'clippy'],
  ]) {
    if (output(command, ['--version']) === null) {
      throw new Problem(
        `The Rust component ${component} is missing. Run \`rustup component add ${component}\` and try again.`,
      );
    }
  }
}

/** A file that some step has to have made. */
export function checkFile(path, hint) {
  if (!existsSync(join(ROOT, path))) throw new Problem(`${path} is missing: ${hint}`);
}

/** Whether a version such as `20.11.1` is older than `[20, 17]`. */
function older(version, [major, minor]) {
  const [ownMajor, ownMinor] = version.split('.').map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}
