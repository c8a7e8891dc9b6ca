// What a run says while it works: on stderr, so that its result can be piped on.

const LINE = '\r\u001b[K';

/** A line that shows how far something is. On a terminal it is redrawn, elsewhere a new one per tenth. */
export function progress(what) {
  const live = process.stderr.isTTY === true;
  const begun = performance.now();
  let tenth = 0;
  if (!live) process.stderr.write(`${what} …\n`);
  return {
    update(share) {
      const percent = Math.floor(share * 100);
      const left = share > 0 ? ((performance.now() - begun) / 1000) * (1 / share - 1) : 0;
      if (live) process.stderr.write(`${LINE}${what}: ${percent} %, ${Math.ceil(left)} s to go`);
      else if (Math.floor(share * 10) > tenth) process.stderr.write(`  ${percent} %\n`);
      tenth = Math.floor(share * 10);
    },
    end() {
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      process.stderr.write(live ? `${LINE}${what}: ${seconds} s\n` : `  done in ${seconds} s\n`);
    },
  };
}

/** One line. */
export const note = (text) => process.stderr.write(`${text}\n`);
