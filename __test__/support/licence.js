// Reads SPDX licence expressions, such as `(MIT OR Apache-2.0) AND Unicode-3.0`.

/** Whether the expression can be met with licences of the allowed set alone. */
function allowed(expression, licences) {
  // Older manifests write `MIT/Apache-2.0` for a choice.
  const tokens = expression.replaceAll('/', ' OR ').match(/[()]|[^\s()]+/g) ?? [];
  const take = (token) => tokens[0] === token && tokens.shift() !== undefined;

  function either() {
    let result = both();
    while (take('OR')) result = both() || result;
    return result;
  }
  function both() {
    let result = one();
    while (take('AND')) result = one() && result;
    return result;
  }
  function one() {
    if (take('(')) {
      const result = either();
      if (!take(')')) throw new Error(`unbalanced: ${expression}`);
      return result;
    }
    const name = tokens.shift();
    // An exception only adds rights.
    if (take('WITH')) tokens.shift();
    return licences.includes(name);
  }

  const result = either();
  if (tokens.length > 0) throw new Error(`not understood: ${expression}`);
  return result;
}

module.exports = { allowed };
