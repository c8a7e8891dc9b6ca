import Proyecta from '@proyecta-ai/sdk';
import { users } from './users.mjs';

/** One for the whole app. */
export const proyecta = new Proyecta();

/**
 * The hook. It runs when somebody has signed up, and it may run again at any time, at each login
 * for instance: the same e-mail address is the same customer.
 */
export async function onSignUp(user) {
  const { email, name } = user;
  const customer = await proyecta.commerce.customers.create({ email, name });
  return users.update(user.id, { proyecta_customer_id: customer.id });
}
