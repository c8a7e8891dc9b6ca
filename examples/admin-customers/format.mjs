// How values are shown.
import { html } from './html.mjs';

/** A point in time in the store's zone; the exact one for machines and in the tooltip. */
export function time(iso, { timezone }) {
  const format = new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: timezone,
  });
  return html`<time datetime="${iso}" title="${iso}">${format.format(new Date(iso))}</time>`;
}

/** A name: marked as Korean where it is, so that fonts and screen readers know, in any direction. */
export function name(text) {
  if (text === null) return html`<span class="none">no name</span>`;
  const korean = /\p{Script=Hangul}/u.test(text);
  return html`<bdi${korean ? html` lang="ko"` : ''}>${text}</bdi>`;
}

/** A round mark with the first sign of a name or an address. */
export function mark({ name: given, email, id }) {
  const [{ segment }] = new Intl.Segmenter().segment((given || email || '?').trim() || '?');
  const hue = [...id].reduce((sum, sign) => sum + sign.codePointAt(0), 0) % 6;
  return html`<span class="mark hue-${hue}" aria-hidden="true">${segment.toUpperCase()}</span>`;
}

/** A number of things, such as `1,204 customers`. */
export const count = (number, noun, plural = `${noun}s`) =>
  `${new Intl.NumberFormat('en-GB').format(number)} ${number === 1 ? noun : plural}`;
