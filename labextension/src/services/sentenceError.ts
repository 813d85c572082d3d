/**
 * Errors whose sentence is for people, in the language of the page.
 */

import { nullTranslator, TranslationBundle } from '@jupyterlab/translation';

/** What consoles and logs are written in. */
export const ENGLISH = nullTranslator.load('');

/** Says one thing, in any language. */
export type Sentence = (trans: TranslationBundle) => string;

/** Says in English what happened, and in other languages when it is shown. */
export class SentenceError extends Error {
  /** @param say - Must not depend on what changes later. */
  constructor(readonly say: Sentence) {
    super(say(ENGLISH));
  }
}

/**
 * Return what to show of something that was caught.
 *
 * @param error - Whatever was thrown.
 */
export function sentenceOf(error: unknown, trans: TranslationBundle): string {
  if (error instanceof SentenceError) {
    return error.say(trans);
  }
  return error instanceof Error ? error.message : String(error);
}
