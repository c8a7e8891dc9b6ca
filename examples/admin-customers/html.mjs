/** Text that is HTML already and is not escaped again. */
class Html {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function render(value) {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(render).join('');
  return String(value).replace(/[&<>"']/g, (sign) => ENTITIES[sign]);
}

/**
 * HTML from a template. Every value in it is escaped, unless `html` made it; lists are joined, and
 * null, undefined and false leave nothing.
 */
export const html = (strings, ...values) =>
  new Html(strings.map((string, index) => string + render(values[index])).join(''));
