import { html } from './html.mjs';

const layout = (title, main) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="/assets/style.css">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
</head>
<body>
<main>
${main}
</main>
</body>
</html>
`;

/** A name, marked as Korean where it is, so that fonts and screen readers know. */
const person = (name) => html`<bdi${/\p{Script=Hangul}/u.test(name) ? html` lang="ko"` : ''}>${name}</bdi>`;

/** The form, and the table below it. `error` says which of the `values` was no good. */
export const signUpPage = ({ users, values = {}, error = null }) =>
  layout(
    error ? 'Sign up: please check' : 'Sign up',
    html`
<h1>Sign up</h1>
<form class="panel" method="post" action="/sign-up">
  ${field({ name: 'name', label: 'Full name', value: values.name, error, extra: html`autocomplete="name"` })}
  ${field({ name: 'email', label: 'E-mail', value: values.email, error, extra: html`type="email" autocomplete="email"` })}
  <button type="submit">Sign up</button>
</form>
${users.length > 0 && usersTable(users)}`,
  );

function field({ name, label, value, error, extra }) {
  const wrong = error?.param === name;
  return html`
  <div class="field">
    <label for="${name}">${label}</label>
    <input id="${name}" name="${name}" value="${value}" required maxlength="254" ${extra}${wrong && html` aria-invalid="true" aria-describedby="${name}-error" autofocus`}>
    ${wrong && html`<p class="error" id="${name}-error">${error.message}.</p>`}
  </div>`;
}

const usersTable = (users) => html`
<section>
  <h2 id="users">Users of this app</h2>
  <div class="panel scroll" role="region" aria-labelledby="users" tabindex="0">
    <table>
      <thead><tr><th scope="col">name</th><th scope="col">email</th><th scope="col">proyecta_customer_id</th></tr></thead>
      <tbody>
        ${users.map(
          (user) => html`
        <tr><td><a href="/users/${user.id}">${person(user.name)}</a></td><td>${user.email}</td><td><code>${user.proyecta_customer_id ?? 'null'}</code></td></tr>`,
        )}
      </tbody>
    </table>
  </div>
</section>`;

/** What became of a sign-up. `again` is set when the hook ran for a known user. */
export const userPage = ({ user, customer, again }) =>
  layout(
    `Welcome, ${user.name}`,
    html`
<h1>Welcome, ${person(user.name)}</h1>
${again && html`<p class="note" role="status">The hook ran again, and it is still the same customer.</p>`}
<section class="panel">
  <h2>The row in the users table</h2>
  <dl>
    <div><dt>email</dt><dd>${user.email}</dd></div>
    <div><dt>name</dt><dd>${person(user.name)}</dd></div>
    <div><dt>proyecta_customer_id</dt><dd><code>${user.proyecta_customer_id ?? 'null'}</code></dd></div>
  </dl>
</section>
<section class="panel">
  <h2>The customer</h2>
  ${
    customer
      ? html`
  <dl>
    <div><dt>id</dt><dd><code>${customer.id}</code></dd></div>
    <div><dt>email</dt><dd>${customer.email}</dd></div>
    <div><dt>createdAt</dt><dd><time>${customer.createdAt}</time></dd></div>
    <div><dt>version</dt><dd>${customer.version}</dd></div>
  </dl>`
      : html`<p>There is none; the next run of the hook makes one.</p>`
  }
</section>
<form class="actions" method="post" action="/users/${user.id}/hook">
  <button type="submit">Run the hook again</button>
  <a href="/">Back to the form</a>
</form>`,
  );

/** A page that says that something did not work. */
export const errorPage = (title, text) =>
  layout(
    title,
    html`
<h1>${title}</h1>
<p>${text}</p>
<p><a href="/">Back to the form</a></p>`,
  );
