/**
 * One run of a view's `render`, from its start until its element goes away.
 */

import { IDisposable } from '../session/types';
import { errorText } from './viewErrors';
import { IRenderContext, RenderFunction } from './viewModule';

/**
 * Owns the element, the signal and the cleanup function of one run.
 *
 * Ending has two steps. `stop` aborts the signal: the view talks to nobody any
 * more, but its last picture stays. `dispose` calls the cleanup function which
 * `render` returned and removes the element.
 */
export class Rendering implements IDisposable {
  /** @param el - An empty element, used by this rendering alone. */
  constructor(el: HTMLElement) {
    this.el = el;
  }

  readonly el: HTMLElement;

  /** Aborted by `stop`. */
  get signal(): AbortSignal {
    return this._controller.signal;
  }

  /**
   * Call `render` and wait for it.
   *
   * @throws whatever `render` throws, unless the rendering has ended by then:
   * nobody waits for such a view, and being cut off is no fault of its own.
   */
  async run(render: RenderFunction, context: IRenderContext): Promise<void> {
    try {
      const cleanup = await render(context);
      if (typeof cleanup === 'function') {
        this._cleanup = cleanup as () => unknown;
      }
    } catch (error) {
      if (!this.signal.aborted) {
        throw error;
      }
    }
    if (this._isDisposed) {
      await this._callCleanup(); // it came too late for `dispose`
    }
  }

  /** End everything the view does, and keep its picture. */
  stop(): void {
    this._controller.abort(
      new DOMException('the view has ended', 'AbortError')
    );
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.stop();
    void this._callCleanup();
    this.el.remove();
  }

  private async _callCleanup(): Promise<void> {
    const cleanup = this._cleanup;
    this._cleanup = null;
    try {
      await cleanup?.();
    } catch (error) {
      // The next rendering must not suffer from what the last one left.
      console.warn(
        `wslink-jupyter: the cleanup of a view failed: ${errorText(error)}`
      );
    }
  }

  private readonly _controller = new AbortController();
  private _cleanup: (() => unknown) | null = null;
  private _isDisposed = false;
}
