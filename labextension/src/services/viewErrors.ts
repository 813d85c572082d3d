/**
 * What went wrong in a view, in words for the person who writes it.
 */

import { sourceUrl, ViewModuleError } from './viewModule';

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
 */
export function reportError(error: unknown, label: string): IErrorReport {
  if (!(error instanceof Error)) {
    return { summary: redact(thrownText(error)), place: '', details: '' };
  }
  if (error instanceof ViewModuleError) {
    const summary = redact(error.message); // a sentence
    return { summary, place: '', details: '' };
  }
  const stack = redact(error.stack ?? '');
  return {
    summary: redact(nameAndMessage(error)),
    place: placeOfError(error, stack, label),
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
    return redact(thrownText(error));
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
  label: string
): string {
  const escaped = sourceUrl(label).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const frame = new RegExp(`${escaped}:(\\d+):(\\d+)`).exec(stack);
  if (frame !== null) {
    return `${label}, line ${frame[1]}, column ${frame[2]}`;
  }
  if (typeof error.lineNumber === 'number') {
    return `${label}, line ${error.lineNumber}`;
  }
  return '';
}

function thrownText(thrown: unknown): string {
  if (typeof thrown === 'string') {
    return thrown;
  }
  try {
    return `a value that is no Error was thrown: ${JSON.stringify(thrown)}`;
  } catch {
    return 'a value that is no Error was thrown';
  }
}
