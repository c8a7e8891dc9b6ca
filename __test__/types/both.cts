// `import` syntax that is compiled to `require`.
import Proyecta, { type Customer, Proyecta as Named, NotFoundError } from '@proyecta-ai/sdk';

const proyecta: Proyecta = new Proyecta();
const named: Named = new Named();

export function isMissing(error: unknown): boolean {
  return error instanceof NotFoundError || error instanceof Proyecta.NotFoundError;
}

export async function list(): Promise<Customer[]> {
  return [
    ...(await proyecta.commerce.customers.list()).data,
    ...(await named.commerce.customers.list().toArray({ limit: 5 })),
  ];
}
