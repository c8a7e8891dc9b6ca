// The npm commands say in one sentence what is missing, and pack nothing that is not whole.
const { spawnSync } = require('node:child_process');
const { mkdtempSync, rmSync, symlinkSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join, resolve } = require('node:path');

const ROOT = resolve(__dirname, '../..');

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'proyecta-scripts-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function script(name, { args = [], ...env } = {}) {
  const options = { cwd: ROOT, encoding: 'utf8', env: { ...process.env, ...env } };
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [join(ROOT, 'scripts', name), ...args],
    options,
  );
  return { status, stderr: stderr.trim(), stdout };
}

function pathWith(...commands) {
  for (const command of commands) {
    const found = process.env.PATH.split(':').map((place) => join(place, command));
    symlinkSync(
      found.find((path) => spawnSync(path, ['--version']).status === 0),
      join(folder, command),
    );
  }
  return folder;
}

test.each(['start.mjs', 'test.mjs', 'build.mjs', 'bench.mjs'])('%s without Rust', (name) => {
  const { status, stderr, stdout } = script(name, { PATH: pathWith() });
  expect(stderr).toMatch(/^✖ Rust \d\.\d+ or newer is needed .*rustup\.rs\) and try again\.$/);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
});

test('a build without a C compiler', () => {
  const { status, stderr, stdout } = script('build.mjs', { PATH: pathWith('cargo', 'rustc') });
  expect(stderr).toMatch(/^✖ A C compiler is needed .* and try again\.$/);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
});

test('an option that does not exist', () => {
  expect(script('build.mjs', { args: ['--bogus'] })).toEqual({
    status: 1,
    stderr: "✖ Unknown option '--bogus'",
    stdout: '',
  });
});

test('packing names every file that is missing', () => {
  const { status, stderr } = script('pack.mjs', { args: ['--artifacts', folder] });
  expect(stderr).toMatch(/^✖ Not packed, because these files are missing/);
  for (const platform of ['linux-arm64-musl', 'darwin-x64', 'win32-x64-msvc']) {
    expect(stderr).toContain(`proyecta.${platform}.node`);
  }
  expect(status).toBe(1);
});

if (process.platform === 'linux') {
  test('the check of a portable binary refuses one that needs more than every system has', () => {
    const { status, stderr } = script('portable.mjs', { args: [process.execPath] });
    expect(stderr).toMatch(/^✖ needs .*libstdc\+\+.*; not everywhere: libstdc\+\+/m);
    expect(status).toBe(1);
  });
}
