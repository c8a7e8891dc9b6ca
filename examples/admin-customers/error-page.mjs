import { html } from './html.mjs';
import { layout } from './layout.mjs';

/** What to say, by code, for the errors that a reader may meet. */
const TEXTS = {
  cursor_invalid: [
    'This page of the list is no longer there',
    'The link belongs to another search or order, or was cut off on its way.',
  ],
  customer_not_found: ['There is no such customer', 'Check the link, or search the list.'],
  customer_deleted: ['This customer was deleted', 'The personal data has been erased.'],
};

/** The page for an error; `href` leads back to the list. */
export function errorPage({ status, error, href }) {
  const [title, text] = words(status, error);
  return layout({
    title,
    main: html`
<section class="empty panel">
  <h1>${title}</h1>
  <p>${text}</p>
  <p><a class="button" href="${href}">To the list of customers</a></p>
</section>`,
  });
}

function words(status, error) {
  if (error?.param === 'startingAfter') return TEXTS.cursor_invalid;
  if (error?.code in TEXTS) return TEXTS[error.code];
  // Messages of these errors name parameters and ids and are written for people.
  if (error?.type === 'invalid_request') return ['This link does not work', `${error.message}.`];
  if (error?.type === 'unavailable') {
    return ['The customers cannot be read at the moment', 'Try again; the log of this server says why.'];
  }
  if (status < 500) return ['There is nothing here', 'Check the address, or go to the list.'];
  return ['Something went wrong', 'The log of this server says what.'];
}
