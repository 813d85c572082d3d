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
  /** Emitted when `kernelId`, `path` or what else is known has changed. */
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
 * It follows a rename (same session, other path) and a change of the path's
 * kernel. Both come from the list of running sessions. The kernel says nothing of
 * the document: two notebooks may share one.
 */
export class PathKernel implements IKernelSource {
  /**
   * @param sessions - The application's session manager.
   * @param path - The path of the document's session.
   * @param sessionId - The session which the document last had, if known.
   */
  constructor(
    sessions: Session.IManager,
    path: string,
    sessionId: string | null
  ) {
    this._sessions = sessions;
    this._path = path;
    this._sessionId = sessionId;
    sessions.runningChanged.connect(this._look, this);
    this._look();
  }

  get kernelId(): string | null {
    return this._kernelId;
  }

  get path(): string {
    return this._path;
  }

  /** The session of now, or else the one before: finds a renamed document. */
  get sessionId(): string | null {
    return this._sessionId;
  }

  readonly changed = new Signal<this, void>(this);

  dispose(): void {
    Signal.clearData(this);
  }

  private readonly _look = (): void => {
    const model = runningSession(this._sessions, this._path, this._sessionId);
    const path = model?.path ?? this._path;
    const kernelId = model?.kernel?.id ?? null;
    const sessionId = model?.id ?? this._sessionId;
    if (
      path === this._path &&
      kernelId === this._kernelId &&
      sessionId === this._sessionId
    ) {
      return;
    }
    this._path = path;
    this._kernelId = kernelId;
    this._sessionId = sessionId;
    this.changed.emit();
  };

  private readonly _sessions: Session.IManager;
  private _path: string;
  private _kernelId: string | null = null;
  private _sessionId: string | null;
}

/**
 * Find the running session of a document.
 *
 * @param path - The path of the document's session.
 * @param sessionId - The session which the document last had, if known.
 */
export function runningSession(
  sessions: Session.IManager,
  path: string,
  sessionId: string | null
): Session.IModel | undefined {
  const running = [...sessions.running()];
  return (
    running.find(({ id }) => id === sessionId) ??
    running.find(model => model.path === path)
  );
}

/** The path under which the server knows the session of a document. */
export function sessionPath(context: ISessionContext): string {
  return context.session?.path ?? context.path;
}
