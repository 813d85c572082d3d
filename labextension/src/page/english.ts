/**
 * What our sentences need of `@jupyterlab/translation`, in plain pages: the whole of
 * it brings JupyterLab's services. `vite.views.config.mts` puts this in its place.
 */

/** The two of a translation bundle's functions that our texts call. */
export interface IEnglish {
  __(text: string, ...args: unknown[]): string;
  _n(one: string, many: string, n: number, ...args: unknown[]): string;
}

function filled(text: string, args: readonly unknown[]): string {
  return text.replace(/%(\d+)/g, (_, place) => String(args[Number(place) - 1]));
}

/** Leaves sentences in the language in which they are written. */
export const nullTranslator = {
  load: (): IEnglish => ({
    __: (text, ...args) => filled(text, args),
    _n: (one, many, n, ...args) => filled(n === 1 ? one : many, [n, ...args])
  })
};
