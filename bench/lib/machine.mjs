import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { fileSystem } from './workspace.mjs';

/** What has to be known about a machine to judge figures that were taken on it. */
export function machine(folder) {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()}`,
    node: process.versions.node,
    fileSystem: fileSystem(folder),
    date: new Date().toISOString().slice(0, 10),
  };
}
