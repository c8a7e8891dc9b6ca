import { mark, name, time } from './format.mjs';
import { html } from './html.mjs';
import { layout } from './layout.mjs';

const NONE = html`<span class="none">—</span>`;
const CHANNELS = { sms: 'SMS', email: 'E-mail', kakao: 'KakaoTalk' };

/** The page about one customer, with everything that is known of it. */
export function detailPage({ customer, fields, store }) {
  const at = (iso) => iso && time(iso, store);
  const title = customer.name ?? customer.email ?? customer.id;
  return layout({
    title,
    store,
    main: html`
<p class="back"><a href="/admin/customers">← All customers</a></p>
<div class="title person">
  ${mark(customer)}
  <div>
    <h1>${name(title)}</h1>
    <p class="total"><code>${customer.id}</code></p>
  </div>
</div>
<div class="cards">
${card('Contact', [
  ['E-mail', customer.email],
  ['Name', customer.name && name(customer.name)],
  ['Phone', customer.phone],
  ['Address', postal(customer.address)],
  ['Country of residence', customer.countryCode],
  ['Further recipients', lines(customer.additionalRecipients)],
])}
${card('Account', [
  ['Status', customer.status === 'dormant' ? 'Dormant' : 'Normal'],
  ['Created', at(customer.createdAt)],
  ['Updated', at(customer.updatedAt)],
  ['Last login', at(customer.lastLoginAt)],
  ['Dormant since', at(customer.dormantAt)],
  ['Test clock', customer.testClock],
  ['Your key', customer.key],
  ['User name', customer.username],
  ['Marketing', consent(customer.marketing)],
  ['Version', customer.version],
])}
${card('Delivery', [
  ['Recipient', customer.shipping?.name && name(customer.shipping.name)],
  ['Phone', customer.shipping?.phone],
  ['Address', postal(customer.shipping?.address)],
])}
${card('Custom fields', attributes(customer.attributes, fields))}
${card('Metadata', Object.entries(customer.metadata))}
</div>`,
  });
}

const card = (title, rows) => html`
<section class="card panel">
  <h2>${title}</h2>
  ${
    rows.length > 0
      ? html`<dl>${rows.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value || NONE}</dd></div>`)}</dl>`
      : html`<p class="none">None</p>`
  }
</section>`;

const lines = (texts) =>
  texts.length > 0 && texts.map((text, index) => html`${index > 0 && html`<br>`}${text}`);

function postal(address) {
  if (!address) return null;
  const { line1, line2, postal_code, city, state, country } = address;
  const town = [postal_code, city].filter(Boolean).join(' ');
  return lines([line1, line2, town, state, country].filter(Boolean));
}

const consent = (marketing) =>
  Object.entries(CHANNELS)
    .filter(([channel]) => marketing[channel])
    .map(([, label]) => label)
    .join(', ') || 'No consent';

/** Values under the labels that people know; a value without a field keeps its key. */
function attributes(values, fields) {
  const labels = new Map(fields.map(({ key, label }) => [key, label]));
  return Object.entries(values).map(([key, value]) => [labels.get(key) ?? key, text(value)]);
}

function text(value) {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return lines(value);
  return JSON.stringify(value);
}
