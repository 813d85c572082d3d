/** A language in which every word of ours can be told from what is put into it. */

import { nullTranslator, TranslationBundle } from '@jupyterlab/translation';

const english = nullTranslator.load('');

/** Capital letters; what is filled into a sentence stays as it is. */
export const CAPITALS: TranslationBundle = {
  __: (text, ...args) => english.__(text.toUpperCase(), ...args),
  _n: (one, many, n, ...args) =>
    english._n(one.toUpperCase(), many.toUpperCase(), n, ...args),
  _p: (context, text, ...args) =>
    english._p(context, text.toUpperCase(), ...args),
  _np: (context, one, many, n, ...args) =>
    english._np(context, one.toUpperCase(), many.toUpperCase(), n, ...args),
  gettext: (text, ...args) => CAPITALS.__(text, ...args),
  ngettext: (one, many, n, ...args) => CAPITALS._n(one, many, n, ...args),
  pgettext: (context, text, ...args) => CAPITALS._p(context, text, ...args),
  npgettext: (context, one, many, n, ...args) =>
    CAPITALS._np(context, one, many, n, ...args),
  dcnpgettext: (_domain, context, one, many, n, ...args) =>
    CAPITALS._np(context, one, many, n, ...args)
};

const SPOKEN = ['title', 'aria-label', 'alt', 'placeholder'];

/** What a user sees or hears of an element and all that is in it. */
export function wordsOf(node: HTMLElement): string {
  const words = [node.textContent ?? ''];
  for (const each of [node, ...node.querySelectorAll('*')]) {
    words.push(...SPOKEN.map(name => each.getAttribute(name) ?? ''));
  }
  return words.filter(word => word !== '').join('\n');
}
