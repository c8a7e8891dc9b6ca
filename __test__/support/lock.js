// The write lock of a database, held by another process for as long as a test wants.
const { Neighbour } = require('./neighbour.js');

const PROBE = { email: 'probe@example.com', name: 'Probe' };

/**
 * Takes the write lock and answers a function that gives it back. The holder is a process of this
 * package that writes without pause and is stopped in the middle of a transaction, as a debugger or a
 * laptop's lid may do; whether it was in the middle of one tells another process' attempt to write.
 */
async function holdLock(database) {
  const [holder, prober] = await Promise.all([Neighbour.open({ database }), Neighbour.open({ database })]);
  await prober.call('customers.create', PROBE);
  const flooding = holder.ask('flood', 'flood');
  flooding.catch(() => undefined);
  do {
    await holder.signal('SIGCONT');
    await prober.call('customers.create', PROBE, { timeout: 5000 });
    await holder.signal('SIGSTOP');
  } while (!(await isHeld(prober)));
  await prober.kill();
  return async function release() {
    await holder.signal('SIGCONT');
    await holder.ask('rest');
    await flooding;
    await holder.kill();
  };
}

async function isHeld(prober) {
  try {
    await prober.call('customers.create', PROBE, { timeout: 50 });
    return false;
  } catch (error) {
    if (error.code === 'database_locked') return true;
    throw error;
  }
}

module.exports = { holdLock };
