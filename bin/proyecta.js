#!/usr/bin/env node
'use strict';

// The engine reads arguments, environment and standard input, and writes both outputs itself; what
// remains here is what only Node can: to load it and modules, to hear signals, and to end with its code.
function load() {
  try {
    return require('../native.cjs');
  } catch {
    const place = `${process.platform}-${process.arch}`;
    console.error(
      `proyecta: the binary for ${place} is not installed: install the package again on this machine, with optional dependencies`,
    );
    process.exit(1);
  }
}

const native = load();

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, function end() {
    if (native.interruptCli()) return;
    process.off(signal, end);
    process.kill(process.pid, signal);
  });
}

async function run(args) {
  const module = native.moduleOfCli(args);
  return native.cli(args, module === null ? null : await require('./catalog.js').readCatalogFile(module));
}

run(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(`proyecta: ${error.message}`);
    process.exit(1);
  },
);
