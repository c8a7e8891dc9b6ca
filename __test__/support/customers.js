// What most tests ask of customers.

/** Every customer of the store, page after page. */
function everyCustomer(proyecta) {
  return collect(proyecta.commerce.customers.list({ limit: 100 }));
}

/** Every event of the store, in the order of its sequence. */
function everyEvent(proyecta) {
  return collect(proyecta.commerce.events.list({ limit: 100 }));
}

async function collect(list) {
  const rows = [];
  for await (const row of list) rows.push(row);
  return rows;
}

/** Parameters of a customer whose e-mail address follows from a name. */
const someone = (name) => ({ email: `${name}@example.com`, name: `Customer ${name}` });

/** What a call fails with; a call that does not is the test's failure. */
async function failure(call) {
  let value;
  try {
    value = await (typeof call === 'function' ? call() : call);
  } catch (error) {
    return error;
  }
  throw new Error(`did not fail: ${JSON.stringify(value)}`);
}

module.exports = { everyCustomer, everyEvent, someone, failure };
