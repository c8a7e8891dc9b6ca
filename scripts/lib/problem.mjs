/** Something the person at the keyboard can mend: one sentence, no stack trace. */
export class Problem extends Error {}

/** Runs a script's main function; a `Problem` ends it with its sentence alone. */
export async function main(run) {
  try {
    await run();
  } catch (error) {
    console.error(error instanceof Problem ? `\n✖ ${error.message}` : error);
    process.exitCode = 1;
  }
}
