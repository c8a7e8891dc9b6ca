/** Something the person at the keyboard can mend: one sentence, no stack trace. */
export class Problem extends Error {}

/** Runs a script's main function; a `Problem` ends it with its sentence alone. */
export async function main(run) {
  try {
    await run();
  } catch (error) {
    const mendable = error instanceof Problem || error.code?.startsWith('ERR_PARSE_ARGS');
    console.error(mendable ? `\n✖ ${error.message}` : error);
    process.exitCode = 1;
  }
}
