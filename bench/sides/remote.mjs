// This package as a client of a server elsewhere.
import { createRequire } from 'node:module';
import { calls } from '../lib/calls.mjs';
import { KEY } from '../lib/serving.mjs';
import { serve } from '../lib/side.mjs';

const Proyecta = createRequire(import.meta.url)('../../index.js');

let proyecta;

serve({
  open(baseUrl) {
    proyecta = new Proyecta({ apiKey: KEY, baseUrl });
  },
  close: () => proyecta?.close(),
  ...calls(() => proyecta.commerce.customers.get('cus_01jd0000000000000000000000')),
});
