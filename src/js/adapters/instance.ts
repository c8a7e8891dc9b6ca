import { type Answerer, EXCHANGE } from '../exchange';

/** How an instance of the package answers requests. `usage` shows the call that got something else. */
export function answererOf(proyecta: unknown, usage: string): Answerer {
  const answer = (proyecta as { [EXCHANGE]?: Answerer } | null | undefined)?.[EXCHANGE];
  if (typeof answer !== 'function') {
    throw new TypeError(`${usage} takes an instance of Proyecta of the same version of @proyecta-ai/sdk`);
  }
  return answer;
}
