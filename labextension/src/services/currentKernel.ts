/**
 * The kernel of whatever the user looks at.
 */

import { JupyterFrontEnd } from '@jupyterlab/application';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { IDisposable } from '../session/types';
import { IKernelSource } from './kernelSource';

/** Names the kernel of a widget; null for one that has nothing to do with any. */
export type KernelFinder = (widget: Widget) => IKernelSource | null;

/** Follows the current widget of the shell, and the kernel of that. */
export class CurrentKernel implements IDisposable {
  constructor(
    shell: Pick<JupyterFrontEnd.IShell, 'currentWidget' | 'currentChanged'>,
    find: KernelFinder
  ) {
    this._shell = shell;
    this._find = find;
    shell.currentChanged?.connect(this._onCurrentChanged, this);
    this._onCurrentChanged();
  }

  /** The kernel, or null if there is none. */
  get kernelId(): string | null {
    return this._source?.kernelId ?? null;
  }

  /** The name of its document; '' if there is none. */
  get document(): string {
    return this._source?.path.split('/').pop() ?? '';
  }

  /** Emitted when `kernelId` or `document` may have changed. */
  readonly changed = new Signal<this, void>(this);

  dispose(): void {
    this._shell.currentChanged?.disconnect(this._onCurrentChanged, this);
    this._source?.dispose();
    Signal.clearData(this);
  }

  private readonly _onCurrentChanged = (): void => {
    this._source?.dispose();
    const widget = this._shell.currentWidget;
    this._source = widget === null ? null : this._find(widget);
    this._source?.changed.connect(this._tell, this);
    this._tell();
  };

  private readonly _tell = (): void => {
    this.changed.emit();
  };

  private readonly _shell: Pick<
    JupyterFrontEnd.IShell,
    'currentWidget' | 'currentChanged'
  >;
  private readonly _find: KernelFinder;
  private _source: IKernelSource | null = null;
}
