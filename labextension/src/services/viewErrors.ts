/**
 * What went wrong in a view, in words for the person who writes it.
 */

import { TranslationBundle } from '@jupyterlab/translation';

import { ENGLISH, SentenceError } from './sentenceError';
import { sourceUrl } from './viewModule';

/** One error, ready to be shown. */
export interface IErrorReport {
  /** `SyntaxError: Unexpected token '}'`. */
  readonly summary: string;
  /** `membrane.js, line 12, column 5`, or '' if the place isn't known. */
  readonly place: string;
  /** The stack trace, or ''. */
  readonly details: string;
}

/**
 * Put an error into words.
 *
 * @param error - Whatever was thrown.
 * @param label - The name of the view's module, see `moduleLabel`.
 * @param trans - The language of our own words.
 */
export function reportError(
  error: unknown,
  label: string,
  trans: TranslationBundle
): IErrorReport {
  if (!(error instanceof Error)) {
    const summary = redact(thrownText(error, trans));
    return { summary, place: '', details: '' };
  }
  if (error instanceof SentenceError) {
    return { summary: redact(error.say(trans)), place: '', details: '' };
  }
  const stack = redact(error.stack ?? '');
  return {
    summary: redact(nameAndMessage(error)),
    place: placeOfError(error, stack, label, trans),
    // A stack which only repeats the summary (syntax errors) tells nothing.
    details: /\d+:\d+/.test(stack)
      ? stack.replaceAll(sourceUrl(label), label)
      : ''
  };
}

/**
 * Write an error as the browser's console would, without tokens.
 *
 * @param error - Whatever was thrown.
 */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) {
    return redact(thrownText(error, ENGLISH));
  }
  const summary = nameAndMessage(error);
  const stack = error.stack ?? '';
  // Stacks begin with the message in some browsers only.
  return redact(stack.includes(summary) ? stack : `${summary}\n${stack}`);
}

function nameAndMessage({ name, message }: Error): string {
  return message === '' ? name : `${name}: ${message}`;
}

/** The URL of a view's file may carry Jupyter's token: consoles are copied about. */
function redact(text: string): string {
  return text.replace(/\btoken=[^\s&#:"')]+/gi, 'token=…');
}

function placeOfError(
  error: Error & { lineNumber?: unknown },
  stack: string,
  label: string,
  trans: TranslationBundle
): string {
  const escaped = sourceUrl(label).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const frame = new RegExp(`${escaped}:(\\d+):(\\d+)`).exec(stack);
  if (frame !== null) {
    return trans.__('%1, line %2, column %3', label, frame[1], frame[2]);
  }
  if (typeof error.lineNumber === 'number') {
    return trans.__('%1, line %2', label, error.lineNumber);
  }
  return '';
}

function thrownText(thrown: unknown, trans: TranslationBundle): string {
  if (typeof thrown === 'string') {
    return thrown;
  }
  try {
    const value = JSON.stringify(thrown);
    return trans.__('a value that is no Error was thrown: %1', value);
  } catch {
    return trans.__('a value that is no Error was thrown');
  }
}
