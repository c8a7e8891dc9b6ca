import { html } from './html.mjs';

/** A whole page. `store` is left out where it cannot be asked. */
export const layout = ({ title, store, main }) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Proyecta</title>
<link rel="stylesheet" href="/assets/base.css">
<link rel="stylesheet" href="/assets/customers.css">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="bar">
  <nav aria-label="Sections">
    <a class="brand" href="/admin/customers"><img src="/assets/icon.svg" alt="" width="24" height="24"> Proyecta</a>
  </nav>
  ${store && html`<span class="badge ${store.mode}">${store.mode === 'test' ? 'Test store' : 'Live store'}</span>`}
</header>
<main id="main">
${main}
</main>
${store && html`<footer>Times in ${store.timezone}.</footer>`}
</body>
</html>
`;
