/**
 * From the source text of a front end to the function that renders it.
 */

import { IApi, IDisposable, ISession } from '../session/types';
import { SentenceError } from './sentenceError';

/** What a view may know of itself and of the page. */
export interface IViewInfo {
  readonly name: string;
  readonly title: string;
  /** Counts how often the view was shown or its file saved. */
  readonly revision: number;
  readonly theme: 'light' | 'dark';
  /** The URL of a file beside the module's: `await import(view.url('a.js'))`. */
  url(path: string): string;
  /** Be told of the next themes; ends with the view. */
  onTheme(callback: (theme: 'light' | 'dark') => void): IDisposable;
}

/** What `render` is given. */
export interface IRenderContext {
  /** Its subscriptions and calls end with `signal`. */
  readonly session: ISession;
  /** The same as `session.api`. */
  readonly api: IApi;
  /** An empty element of the page, for this rendering alone. */
  readonly el: HTMLElement;
  /** Aborted when this rendering ends: re-run, saved file, restart, close. */
  readonly signal: AbortSignal;
  readonly view: IViewInfo;
}

/** May return a function that gives back what the rendering holds. */
export type RenderFunction = (context: IRenderContext) => unknown;

/** Runs a module's source text and gives its exports. */
export type ModuleImporter = (
  source: string,
  label: string
) => Promise<unknown>;

/** There is no module, or none with a function that we could call. */
export class ViewModuleError extends SentenceError {
  override readonly name = 'ViewModuleError';
}

/** The text of a module, or why there is none. */
export interface IModuleText {
  readonly source: string;
  readonly error: string;
}

/**
 * Run a module and find its render function.
 *
 * @throws {ViewModuleError} if there is no text, or no such function in it.
 * @throws whatever the module throws.
 */
export async function loadRender(
  { source, error }: IModuleText,
  label: string,
  run: ModuleImporter
): Promise<RenderFunction> {
  if (error !== '') {
    throw new ViewModuleError(() => error); // the kernel's words
  }
  return findRender(await run(source, label), label);
}

/**
 * Find the render function among the exports of a module.
 *
 * `export default { render }`, `export function render` and
 * `export default function` are accepted, in this order.
 *
 * @param exports - The module namespace.
 * @param label - The module's name for the error's sentence.
 * @throws {ViewModuleError} if there is none of them.
 */
export function findRender(exports: unknown, label: string): RenderFunction {
  const named = (exports ?? {}) as { default?: unknown; render?: unknown };
  const main = named.default;
  if (typeof main === 'object' && main !== null) {
    const { render } = main as { render?: unknown };
    if (typeof render === 'function') {
      return context => (render as RenderFunction).call(main, context);
    }
  }
  for (const candidate of [named.render, main]) {
    if (typeof candidate === 'function') {
      return candidate as RenderFunction;
    }
  }
  const names = Object.keys(named);
  throw new ViewModuleError(trans =>
    trans.__(
      'expected %1 to have "%2", got %3',
      label,
      'export default { render({ session, api, el, signal, view }) { ... } }',
      names.length === 0
        ? trans.__('no export')
        : trans.__('the exports %1', names.join(', '))
    )
  );
}

/**
 * Name a module so that stack traces and the browser's tools show its file.
 *
 * @param origin - The file name which the kernel gave, or ''.
 * @param name - The name of the view.
 */
export function moduleLabel(origin: string, name: string): string {
  const file = origin.split(/[\\/]/).pop() ?? '';
  return file === '' ? `${name}.js` : file;
}

/**
 * Import a module from its source text, as the browser's own ES module.
 *
 * The browser keeps every module it ever imported until the page is left:
 * that is the price of one hot reload, and nothing can give it back.
 */
export const importModule: ModuleImporter = async (source, label) => {
  // The comment names the module in stack traces, in place of the Blob's URL.
  const text = `${source}\n//# sourceURL=${sourceUrl(label)}\n`;
  const blob = new Blob([text], { type: 'text/javascript' });
  const url = URL.createObjectURL(blob);
  try {
    return (await import(/* webpackIgnore: true */ url)) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) {
      await locateSyntaxError(error, url);
    } else if (error instanceof TypeError && isUnresolved(error)) {
      const words = error.message.replaceAll(url, label);
      throw new ViewModuleError(trans =>
        trans.__(
          '%1: expected no import of other files by relative paths (inside render: %2), got: %3',
          label,
          "await import(view.url('other.js'))",
          words
        )
      );
    } else if (error instanceof Error) {
      nameModule(error, url, label);
    }
    throw error;
  } finally {
    URL.revokeObjectURL(url);
  }
};

/** Put the label in the place of a URL that says nothing, in a browser's words. */
function nameModule(error: Error, url: string, label: string): void {
  if (error.message.includes(url)) {
    error.message = error.message.replaceAll(url, label);
  }
}

/** The name which `importModule` gives a module in stack traces. */
export function sourceUrl(label: string): string {
  return `wslink-jupyter/${encodeURIComponent(label)}`;
}

/** `import './other.js'`: the text has no URL that this could be relative to. */
function isUnresolved(error: TypeError): boolean {
  return /module specifier|bare specifier/i.test(error.message);
}

/**
 * Find out where a module's syntax error is.
 *
 * A rejected `import()` does not say so everywhere, but the `error` event of a
 * script element does. The element reuses the failed module: nothing runs.
 */
async function locateSyntaxError(
  error: SyntaxError & { lineNumber?: number },
  url: string
): Promise<void> {
  if (error.lineNumber !== undefined) {
    return; // Firefox
  }
  const script = document.createElement('script');
  const heard = new AbortController();
  try {
    await new Promise<void>(resolve => {
      window.addEventListener(
        'error',
        event => {
          if (event.error === error) {
            event.preventDefault(); // said in the panel: not a stray error
            error.lineNumber = event.lineno;
          }
        },
        { signal: heard.signal, capture: true }
      );
      script.type = 'module';
      script.onload = script.onerror = () => resolve();
      script.src = url;
      document.head.appendChild(script);
    });
  } finally {
    heard.abort();
    script.remove();
  }
}
