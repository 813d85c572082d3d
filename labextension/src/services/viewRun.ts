/**
 * Runs a view's `render` with all that it is given.
 */

import { Rendering } from './rendering';
import { ScopedSession } from './scopedSession';
import { onUnhandled } from './unhandled';
import { ViewAnswer } from './viewAnswer';
import { viewInfo } from './viewInfo';
import { RenderFunction } from './viewModule';
import { IViewSource } from './viewSource';
import { IViewTheme } from './viewTheme';

/** What a run is made of. */
export interface IViewRunOptions {
  readonly name: string;
  readonly source: IViewSource;
  readonly answer: ViewAnswer;
  readonly theme: IViewTheme;
  /** Told of what the view does not catch, while the rendering goes on. */
  readonly onError: (error: unknown) => void;
  /** Told how many calls of the view wait in the kernel, and for what. */
  readonly onWaiting: (calls: number, reason: string) => void;
}

/**
 * Call `render` and wait for it.
 *
 * A call that the user has cancelled is no error of the view, wherever it was
 * awaited: what is on the screen stays.
 *
 * @throws whatever else `render` throws, unless the rendering has ended by then.
 */
export async function runView(
  rendering: Rendering,
  render: RenderFunction,
  { name, source, answer, theme, onError, onWaiting }: IViewRunOptions
): Promise<void> {
  const { el, signal } = rendering;
  const tell = (error: unknown): void => {
    if (!session.wasCancelled(error)) {
      onError(error);
    }
  };
  const session = new ScopedSession(
    source.session,
    source.calls,
    signal,
    tell,
    onWaiting
  );
  onUnhandled(error => session.hasFailed(error), tell, signal);
  try {
    await rendering.run(render, {
      session,
      api: session.api,
      el,
      signal,
      view: viewInfo(name, answer, theme, signal, path => source.fileUrl(path))
    });
  } catch (error) {
    if (!session.wasCancelled(error)) {
      throw error;
    }
  }
}
