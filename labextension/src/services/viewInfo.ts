/**
 * The `view` object which a front end is given.
 */

import { ViewAnswer } from './viewAnswer';
import { IViewInfo, ViewModuleError } from './viewModule';
import { IViewTheme } from './viewTheme';

/**
 * Make the `view` object of one rendering.
 *
 * @param fileUrl - Says where a web file of the kernel is.
 * @param signal - Ends the theme's callbacks with the rendering.
 */
export function viewInfo(
  name: string,
  answer: ViewAnswer,
  theme: IViewTheme,
  signal: AbortSignal,
  fileUrl: (path: string) => string
): IViewInfo {
  return {
    name,
    title: answer.title,
    revision: answer.revision,
    url: path => {
      if (answer.files === '') {
        throw new ViewModuleError(trans =>
          trans.__(
            'view.url: expected a view shown from a file, got one shown from text'
          )
        );
      }
      return fileUrl(`${answer.files}/${path}`);
    },
    get theme() {
      return theme.current;
    },
    onTheme: callback => {
      const slot = (_: unknown, next: 'light' | 'dark'): void => callback(next);
      const dispose = (): void => {
        theme.changed.disconnect(slot);
        signal.removeEventListener('abort', dispose);
      };
      if (!signal.aborted) {
        theme.changed.connect(slot);
        signal.addEventListener('abort', dispose);
      }
      return { dispose };
    }
  };
}
