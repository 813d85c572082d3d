/**
 * Which kernel a view belongs to, and when that becomes another one.
 */

import { ISessionContext } from '@jupyterlab/apputils';
import { Session } from '@jupyterlab/services';
import { ISignal, Signal } from '@lumino/signaling';

import { IDisposable } from '../session/types';

/** Names a kernel, for as long as someone wants to know. */
export interface IKernelSource extends IDisposable {
  /** The kernel, or null while none runs. */
  readonly kernelId: string | null;
  /** The path of the document whose kernel it is. */
  readonly path: string;
  /** Emitted when `kernelId` or `path` has changed. */
  readonly changed: ISignal<IKernelSource, void>;
}

/** The kernel of an open notebook or console. */
export class ContextKernel implements IKernelSource {
  constructor(context: ISessionContext) {
    this._context = context;
    context.kernelChanged.connect(this._onChanged, this);
    context.propertyChanged.connect(this._onChanged, this);
  }

  get kernelId(): string | null {
    return this._context.session?.kernel?.id ?? null;
  }

  get path(): string {
    return sessionPath(this._context);
  }

  readonly changed = new Signal<this, void>(this);

  dispose(): void {
    Signal.clearData(this);
  }

  private readonly _onChanged = (): void => {
    this.changed.emit();
  };

  private readonly _context: ISessionContext;
}

/**
 * The kernel of a path, whether its document is open in this page or not.
 *
 * It follows a rename (same kernel, other path) and a change of the path's
 * kernel. Both come from the list of running sessions.
 */
export class PathKernel implements IKernelSource {
  /**
   * @param sessions - The application's session manager.
   * @param path - The path of the document's session.
   * @param kernelId - The kernel which the document last had, if known.
   */
  constructor(
    sessions: Session.IManager,
    path: string,
    kernelId: string | null
  ) {
    this._sessions = sessions;
    this._path = path;
    this._lastKernelId = kernelId;
    sessions.runningChanged.connect(this._look, this);
    this._look();
  }

  get kernelId(): string | null {
    return this._kernelId;
  }

  get path(): string {
    return this._path;
  }

  /** The kernel of now, or else the one before: enough to find a renamed path. */
  get lastKernelId(): string | null {
    return this._lastKernelId;
  }

  readonly changed = new Signal<this, void>(this);

  dispose(): void {
    Signal.clearData(this);
  }

  private readonly _look = (): void => {
    let model: Session.IModel | undefined;
    for (const candidate of this._sessions.running()) {
      if (candidate.path === this._path) {
        model = candidate;
        break; // the path decides; the kernel only finds it after a rename
      }
      if (
        this._lastKernelId !== null &&
        candidate.kernel?.id === this._lastKernelId
      ) {
        model = candidate;
      }
    }
    const path = model?.path ?? this._path;
    const kernelId = model?.kernel?.id ?? null;
    if (path === this._path && kernelId === this._kernelId) {
      return;
    }
    this._path = path;
    this._kernelId = kernelId;
    this._lastKernelId = kernelId ?? this._lastKernelId;
    this.changed.emit();
  };

  private readonly _sessions: Session.IManager;
  private _path: string;
  private _kernelId: string | null = null;
  private _lastKernelId: string | null;
}

/** The path under which the server knows the session of a document. */
export function sessionPath(context: ISessionContext): string {
  return context.session?.path ?? context.path;
}
