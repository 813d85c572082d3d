/**
 * Reasons that come from below: from the transport, the server or the kernel.
 */

import { TranslationBundle } from '@jupyterlab/translation';

/**
 * Say a reason in the language of the page.
 *
 * Those who give reasons know nothing of languages: the English sentence is the
 * key, and is shown where nobody has translated it.
 *
 * @param reason - A sentence, or '' if there is none to give.
 */
export function reasonText(reason: string, trans: TranslationBundle): string {
  // The empty key has the header of a catalogue.
  return reason === '' ? '' : trans.__(reason);
}
