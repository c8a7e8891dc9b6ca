/** Longest line that the generated files have, where a word allows it. */
export const WIDTH = 100;

/** A doc comment of a markdown text, indented by `indent` spaces. */
export function comment(text, indent) {
  const margin = ' '.repeat(indent);
  const safe = text.trim().replaceAll('*/', '*\\/');
  const oneLine = `${margin}/** ${safe} */`;
  if (!safe.includes('\n') && oneLine.length <= WIDTH) return `${oneLine}\n`;
  const lines = reflow(safe, WIDTH - indent - 3).map((line) => `${margin} * ${line}`.trimEnd());
  return `${margin}/**\n${lines.join('\n')}\n${margin} */\n`;
}

/** The paragraphs of a markdown text, wrapped; code, lists and tables keep their lines. */
export function reflow(text, width) {
  const lines = [];
  let words = [];
  let fenced = false;
  const flush = () => {
    lines.push(...wrap(words, width));
    words = [];
  };
  for (const line of text.split('\n')) {
    const fence = line.trimStart().startsWith('```');
    if (fenced || fence || line.trim() === '' || /^(\s*([-*|>#]|\d+\.)\s| {4})/.test(line)) {
      flush();
      lines.push(line);
      if (fence) fenced = !fenced;
    } else {
      words.push(...line.trim().split(/\s+/));
    }
  }
  flush();
  return lines;
}

function wrap(words, width) {
  const lines = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** `customers` → `Customers`. */
export function capital(name) {
  return name[0].toUpperCase() + name.slice(1);
}

/** `customerId` → `customer_id`. */
export function snake(name) {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Text in single quotes. */
export function quote(text) {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
