// What a project with `require` sees.
import Proyecta = require('@proyecta-ai/sdk');

const { Proyecta: Named, ConflictError, NotFoundError } = Proyecta;

const proyecta: Proyecta = new Proyecta({ database: 'file:./app.db' });
const named: Proyecta = new Named();
const viaDefault: Proyecta = new Proyecta.default();

async function find(id: string): Promise<Proyecta.Customer | null> {
  try {
    return await proyecta.commerce.customers.get(id);
  } catch (error) {
    if (error instanceof NotFoundError && error.code === 'customer_not_found') return null;
    if (error instanceof ConflictError) throw new Error('busy', { cause: error });
    throw error;
  }
}

const params: Proyecta.CustomerCreateParams = { email: 'jane@example.com' };
const first: Proyecta.List<Proyecta.Customer> = named.commerce.customers.list();
// @ts-expect-error no such resource
viaDefault.commerce.clients;

export = { find, params, first };
