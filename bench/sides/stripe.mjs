// stripe-node as it comes, but for the address that it calls.
import Stripe from 'stripe';
import { calls } from '../lib/calls.mjs';
import { serve } from '../lib/side.mjs';

let stripe;

serve({
  open(baseUrl) {
    const { hostname, port } = new URL(baseUrl);
    stripe = new Stripe('sk_test_00000000000000000000', { host: hostname, port, protocol: 'http' });
  },
  close: () => undefined,
  ...calls(() => stripe.customers.retrieve('cus_01jd0000000000000000000000')),
});
