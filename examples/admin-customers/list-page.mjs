import { count, mark, name, time } from './format.mjs';
import { html } from './html.mjs';
import { layout } from './layout.mjs';
import { SORTS } from './list.mjs';

/** The page that lists customers. */
export function listPage({ query, page, store }) {
  const { search } = query;
  const total = search ? count(page.total, 'match', 'matches') : count(page.total, 'customer');
  return layout({
    title: search ? `Customers matching “${search}”` : 'Customers',
    store,
    main: html`
<div class="title">
  <h1>Customers</h1>
  <p class="total" role="status">${total}${search && ` for “${search}”`}</p>
</div>
${search || page.total > 0 ? toolbar(query) : ''}
${page.rows.length > 0 ? [table(query, page.rows, store), pager(page)] : empty(query, page)}`,
  });
}

const toolbar = ({ search, sort }) => html`
<form class="toolbar" action="/admin/customers" role="search">
  <div class="field grow">
    <label for="query">Search</label>
    <input type="search" id="query" name="query" value="${search}" maxlength="200" placeholder="Part of a name, e-mail or id" autocomplete="off" spellcheck="false">
  </div>
  <div class="field">
    <label for="sort">Order</label>
    <select id="sort" name="sort">
      ${Object.entries(SORTS).map(
        ([value, label]) =>
          html`<option value="${value}"${value === sort ? html` selected` : ''}>${label}</option>`,
      )}
    </select>
  </div>
  <button type="submit">Search</button>
</form>`;

// The roles are what these elements are anyway; they stay that when a narrow screen lays the rows
// out as cards.
const table = (query, rows, store) => html`
<table class="customers panel" role="table">
  <caption class="hidden">Customers, ${SORTS[query.sort]?.toLowerCase() ?? ''}</caption>
  <thead role="rowgroup">
    <tr role="row">
      ${heading(query, 'E-mail', 'email')}
      ${heading(query, 'Name', 'name')}
      ${heading(query, 'Created', 'created')}
      <th scope="col" role="columnheader"><span class="hidden">Details</span></th>
    </tr>
  </thead>
  <tbody role="rowgroup">
    ${rows.map((customer) => row(customer, store))}
  </tbody>
</table>`;

/** A column's heading; its link sorts by the column, and once more in reverse. */
function heading(query, label, field) {
  const order = { [field]: 'ascending', [`-${field}`]: 'descending' }[query.sort];
  const first = field === 'created' ? '-created' : field;
  const other = first.startsWith('-') ? field : `-${field}`;
  const href = query.start({ sort: query.sort === first ? other : first });
  const arrow = order && html` <span aria-hidden="true">${order === 'ascending' ? '↑' : '↓'}</span>`;
  return html`<th scope="col" role="columnheader"${order ? html` aria-sort="${order}"` : ''}><a href="${href}">${label}${arrow}</a></th>`;
}

const row = (customer, store) => html`
    <tr role="row">
      <td class="email" role="cell">${customer.email ?? html`<span class="none">no e-mail</span>`}</td>
      <td class="name" role="cell"><div class="who">${mark(customer)}<span>${name(customer.name)}${customer.status === 'dormant' && html` <span class="badge">Dormant</span>`}</span></div></td>
      <td class="created" role="cell">${time(customer.createdAt, store)}</td>
      <td class="more" role="cell"><a href="/admin/customers/${encodeURIComponent(customer.id)}">Details<span class="hidden"> of ${customer.name ?? customer.email ?? customer.id}</span></a></td>
    </tr>`;

const pager = ({ previous, next }) =>
  (previous || next) &&
  html`
<nav class="pager" aria-label="Pages">
  ${previous ? html`<a class="button" href="${previous}" rel="prev">← Previous</a>` : html`<span class="button" aria-disabled="true">← Previous</span>`}
  ${next ? html`<a class="button" href="${next}" rel="next">Next →</a>` : html`<span class="button" aria-disabled="true">Next →</span>`}
</nav>`;

/** What stands in place of the table. */
function empty(query, { total }) {
  if (query.search && total === 0) {
    return html`
<section class="empty panel">
  <h2>Nothing found</h2>
  <p>No name, e-mail or id contains “${query.search}”. One or two letters find only what begins with them.</p>
  <p><a class="button" href="${query.start({ search: '' })}">Show all customers</a></p>
</section>`;
  }
  if (total > 0) {
    return html`
<section class="empty panel">
  <h2>Nothing on this page any more</h2>
  <p>The customers that were here have been deleted.</p>
  <p><a class="button" href="${query.start()}">To the first page</a></p>
</section>`;
  }
  return html`
<section class="empty panel">
  <h2>No customers yet</h2>
  <p>They appear here as soon as your sign-up hook has made the first one:</p>
  <pre><code>await proyecta.commerce.customers.create({ email, name });</code></pre>
  <p>The example <code>signup-hook</code> does that. To look at its database, or at any other one, start this page with
  <code>npm start -- path/to/proyecta.db</code></p>
</section>`;
}
