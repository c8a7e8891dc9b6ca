// What the READMEs tell people to type works, and what they point to is there.
const { execFile, spawn } = require('node:child_process');
const { once } = require('node:events');
const { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { packageFolder, projectFolder } = require('../support/package.js');
const { cleanUp, copyExample, environment, start } = require('../examples/running.js');
const { FILES, ROOT, blocks, links, read } = require('./blocks.js');

const all = blocks();
const of = (language) => all.filter((block) => block.language === language);

const run = (args, options) =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, args, options, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, stdout, stderr });
    });
  });

/** An empty folder below the project that has the package installed, with a package.json of its own. */
async function inEmptyFolder(files, work) {
  const folder = mkdtempSync(join(projectFolder, 'readme-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('every block is in a language that is tried here', () => {
  expect(all.filter(({ language }) => !['js', 'ts', 'sh'].includes(language))).toEqual([]);
  expect(of('js').length).toBeGreaterThan(0);
  expect(of('ts').length).toBeGreaterThan(0);
  expect(of('sh').length).toBeGreaterThan(0);
});

/** The lines that a program's comments promise, `// → text`, as patterns in which … is anything. */
function promised(text) {
  const literal = (part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return [...text.matchAll(/\/\/ → (.*)$/gm)].map(
    ([, line]) => new RegExp(`^${line.split('…').map(literal).join('.+')}$`),
  );
}

/** The example's own file with this text, if there is one: the tests of the example run that. */
const exampleFile = ({ file, text }) =>
  file === 'README.md'
    ? undefined
    : readdirSync(join(ROOT, dirname(file))).find(
        (name) => name.endsWith('.mjs') && read(join(dirname(file), name)) === text,
      );

describe.each(of('js').filter((block) => !exampleFile(block)))('$name', ({ text }) => {
  test('runs in an empty folder and prints what it says, twice', () =>
    inEmptyFolder({ 'main.mjs': text }, async (folder) => {
      const lines = promised(text);
      expect(lines.length).toBeGreaterThan(0);
      const outputs = [];
      for (let round = 0; round < 2; round += 1) {
        const { code, stdout, stderr } = await run(['main.mjs'], { cwd: folder, env: environment });
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        const printed = stdout.trimEnd().split('\n');
        expect(printed).toHaveLength(lines.length);
        for (const [index, line] of lines.entries()) expect(printed[index]).toMatch(line);
        outputs.push(stdout);
      }
      // The same customer, however often it runs.
      expect(outputs[1]).toBe(outputs[0]);
      expect(readdirSync(folder).sort()).toEqual(['.proyecta', 'main.mjs', 'package.json']);
    }));
});

test('the ten lines are ten lines', () => {
  expect(of('js')[0].text.trimEnd().split('\n')).toHaveLength(10);
});

test('a block of an example that is not run here is a file of that example', () => {
  const files = of('js').filter(exampleFile);
  expect(files.map((block) => `${block.file} ${exampleFile(block)}`)).toEqual([
    'examples/signup-hook/README.md hook.mjs',
  ]);
});

describe.each(of('ts'))('$name', ({ text }) => {
  test.each(['nodenext', 'bundler'])('compiles with moduleResolution %s', (moduleResolution) => {
    const compilerOptions = {
      target: 'es2022',
      module: moduleResolution === 'bundler' ? 'esnext' : moduleResolution,
      moduleResolution,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules/@types')],
    };
    const files = {
      'main.mts': text,
      'tsconfig.json': JSON.stringify({ compilerOptions, files: ['main.mts'] }),
    };
    return inEmptyFolder(files, async (folder) => {
      const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
      expect(await run([tsc, '--project', folder], {})).toEqual({ code: 0, stdout: '', stderr: '' });
    });
  });
});

describe('commands', () => {
  afterEach(cleanUp);

  const manifest = JSON.parse(read('package.json'));
  const commands = (file) =>
    of('sh').flatMap((block) => (block.file === file ? block.text.trim().split('\n') : []));

  test('those of README.md are the ones that are tried before each change', () => {
    const [install, ...others] = commands('README.md').filter((command) => !ofTheServer(command));
    // The tests' project has the package as this command installs it, from the packed tarballs.
    expect(install).toBe(`npm install ${manifest.name}`);
    expect(readFileSync(join(packageFolder, 'package.json'), 'utf8')).toContain(`"name": "${manifest.name}"`);
    const check = read('.ci/run');
    expect(others).toEqual(['npm start', 'npm test']);
    for (const command of others) expect(check).toContain(`step '${command}' ${command}\n`);
  });

  const ofTheServer = (command) => /^(?:export|npx proyecta|curl) /.test(command);

  test('those of README.md that start a server and ask it do so', async () => {
    const [key, serve, curl] = commands('README.md').filter(ofTheServer);
    const [, apiKey] = /^export PROYECTA_API_KEY=(.+)$/.exec(key);
    const env = { ...environment, PROYECTA_API_KEY: apiKey };
    await inEmptyFolder({}, async (folder) => {
      // Whatever else listens on the port that the text names.
      const args = serve.replace('127.0.0.1:4010', '127.0.0.1:0').split(' ').slice(2);
      const script = join(packageFolder, manifest.bin.proyecta);
      const server = spawn(process.execPath, [script, ...args], { cwd: folder, env });
      try {
        const [first] = await once(server.stdout.setEncoding('utf8'), 'data');
        const [, address] = /^listening on http:\/\/(.+)\n$/.exec(first);
        const asked = await new Promise((resolve) => {
          execFile('sh', ['-c', `${curl.replace('127.0.0.1:4010', address)} -sS`], { env }, (error, stdout) =>
            resolve({ error, stdout }),
          );
        });
        expect(asked.error).toBeNull();
        expect(JSON.parse(asked.stdout)).toMatchObject({ object: 'customer', email: 'gildong@example.com' });
      } finally {
        server.kill();
        await once(server, 'exit');
      }
    });
  });

  test('scripts that the texts name exist', () => {
    const named = FILES.flatMap((file) =>
      [...read(file).matchAll(/`npm (?:run )?([a-z]+)`/g)].map(([, name]) => name),
    );
    expect(named).toContain('bench');
    for (const name of named) {
      const script = manifest.scripts[name];
      expect(script).toMatch(/^node scripts\/\w+\.mjs$/);
      expect(existsSync(join(ROOT, script.slice('node '.length)))).toBe(true);
    }
  });

  test.each(['signup-hook', 'admin-customers'])('those of %s start it', async (name) => {
    const [install, npmStart, ...others] = commands(`examples/${name}/README.md`);
    expect([install, npmStart]).toEqual(['npm install', 'npm start']);
    // What the first command installs: Express as it is tested here, and this package.
    const { dependencies } = JSON.parse(read(`examples/${name}/package.json`));
    expect(dependencies).toEqual({
      [manifest.name]: 'file:../..',
      express: manifest.devDependencies.express,
    });
    const folder = copyExample(name);
    const { url } = await start(folder);
    expect(read(`examples/${name}/README.md`)).toContain(new URL(url).pathname);
    expect((await fetch(url)).status).toBe(200);
    expect(others).toEqual(
      name === 'admin-customers' ? ['npm start -- ../signup-hook/.proyecta/proyecta.db'] : [],
    );
  });

  test('the admin page reads the database of the sign-up form while that runs', async () => {
    const signUp = await start(copyExample('signup-hook'));
    const body = new URLSearchParams({ email: 'gildong@example.com', name: '홍길동' });
    await fetch(new URL('/sign-up', signUp.url), { method: 'POST', body });
    const [argument] = /[^ ]*proyecta\.db$/.exec(commands('examples/admin-customers/README.md').at(-1));
    // Copies do not lie side by side.
    const database = join(dirname(signUp.folder), argument.replace('../', ''));
    const admin = await start(copyExample('admin-customers'), database);
    expect(await (await fetch(admin.url)).text()).toContain('gildong@example.com');
  });

  test('their ports are the ones that they listen on', () => {
    for (const name of ['signup-hook', 'admin-customers']) {
      const [, port] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(read(`examples/${name}/README.md`));
      expect(read(`examples/${name}/server.mjs`)).toContain(`process.env.PORT || ${port}`);
    }
  });
});

test('every link leads to a file that is there', () => {
  const inside = links().filter(({ target }) => !/^https?:/.test(target));
  expect(inside.length).toBeGreaterThan(15);
  expect(inside.filter(({ file, target }) => !existsSync(join(ROOT, dirname(file), target)))).toEqual([]);
});

test('README.md stays a page', () => {
  expect(read('README.md').split('\n').length).toBeLessThanOrEqual(150);
});
