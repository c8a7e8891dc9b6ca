// What the page can do without, only nicer: totals that follow the quantity, card numbers in groups, and
// a pay button that is pressed once.
'use strict';

const byId = (id) => document.getElementById(id);

/** Digits in groups of four as they are typed, and a slash in the date; not while one writes inside. */
function group(input, form) {
  if (!input) return;
  input.addEventListener('input', () => {
    if (input.selectionStart === input.value.length) input.value = form(input.value);
  });
}

group(byId('number'), (text) => {
  const digits = text.replace(/\D/g, '').slice(0, 16);
  return digits.replace(/(.{4})(?=.)/g, '$1 ');
});
group(byId('expiry'), (text) => (/^\d{3,4}$/.test(text) ? `${text.slice(0, 2)}/${text.slice(2)}` : text));

/** The pay button is pressed once; the page that comes back has another one. */
const payForm = byId('pay-form');
let words = null;

function press(now) {
  const button = byId('pay');
  words = now ? button.textContent : words;
  button.setAttribute('aria-disabled', String(now));
  button.textContent = now ? button.dataset.busy : words;
}
payForm?.addEventListener('submit', (event) => {
  if (byId('pay').getAttribute('aria-disabled') === 'true') event.preventDefault();
  else press(true);
});
// Back from another page, as it was left.
addEventListener('pageshow', (event) => {
  if (event.persisted && words !== null) press(false);
});

/** Parts of the page that follow the cart; what was typed into the card's fields stays. */
const PARTS = ['cart', 'seen', 'agreement', 'pay'];

function take(fresh) {
  if (PARTS.some((id) => !fresh.getElementById(id) !== !byId(id))) return false;
  if (!fresh.getElementById('number') !== !byId('number')) return false;
  for (const element of fresh.querySelectorAll('[autofocus]')) element.removeAttribute('autofocus');
  const active = document.activeElement;
  const inside = byId('cart').contains(active);
  for (const id of PARTS) byId(id).replaceWith(document.adoptNode(fresh.getElementById(id)));
  const notice = fresh.getElementById('notice');
  byId('notice')?.remove();
  if (notice) byId('content').prepend(document.adoptNode(notice));
  // What was written in is another element now; one that is wrong goes first.
  if (inside) (document.querySelector('#cart [aria-invalid]') ?? byId(active.id) ?? byId('code')).focus();
  return true;
}

async function post(form, submitter) {
  const body = new URLSearchParams(new FormData(form));
  if (submitter?.name) body.append(submitter.name, submitter.value);
  const response = await fetch('?', { method: 'POST', body });
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  if (!take(fresh)) location.replace('?cart');
}

let last = Promise.resolve();
function update(form, submitter) {
  // One after the other, so that the latest answer is the one that stays.
  last = last.then(() => post(form, submitter)).catch(() => location.replace('?cart'));
}

addEventListener('submit', (event) => {
  if (event.target.id !== 'cart-form') return;
  event.preventDefault();
  update(event.target, event.submitter);
});
addEventListener('change', (event) => {
  const { form, type } = event.target;
  if (form?.id === 'cart-form' && type === 'number' && form.reportValidity()) update(form);
});

// A browser that does not say how it fetches a page has not opened the pay form yet.
if (payForm?.dataset.open !== undefined) {
  const body = new URLSearchParams({ step: 'open' });
  fetch('?', { method: 'POST', body, redirect: 'manual' }).catch(() => {});
}
