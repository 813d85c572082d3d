/**
 * What a command is about: the document that the user looks at, and its kernel.
 */

import { JupyterFrontEnd } from '@jupyterlab/application';
import { IWidgetTracker } from '@jupyterlab/apputils';
import { Kernel, Session } from '@jupyterlab/services';

import { SessionDocument } from '../services/announcementWatch';
import { ViewPanel } from './viewPanel';

/** A document that has a kernel. */
export interface ICommandTarget {
  /** The path of its session. */
  readonly path: string;
  /** What people call it. */
  readonly name: string;
  readonly sessionId: string;
  /** The id of the widget that a panel is placed beside. */
  readonly ref: string | undefined;
  readonly kernel: Kernel.IModel;
}

/** The areas that a shell may have. */
const AREAS = ['main', 'left', 'right', 'down'];

/** Looks at the shell whenever it is asked. */
export class CommandTargets {
  /**
   * @param shell - Of the application.
   * @param sessions - The application's session manager.
   * @param trackers - Of notebooks and consoles, as far as there are any.
   */
  constructor(
    shell: JupyterFrontEnd.IShell,
    sessions: Session.IManager,
    trackers: readonly IWidgetTracker<SessionDocument>[]
  ) {
    this._shell = shell;
    this._sessions = sessions;
    this._trackers = trackers;
  }

  /** The current document, also if the user looks at one of its views. */
  get current(): ICommandTarget | null {
    const widget = this._shell.currentWidget;
    const document = this._find(each => each === widget);
    if (document !== undefined) {
      const session = document.sessionContext.session;
      return targetOf(session?.model, document.id);
    }
    if (!(widget instanceof ViewPanel)) {
      return null;
    }
    const { path, sessionId } = widget.args;
    const running = [...this._sessions.running()];
    const model =
      running.find(({ id }) => id === sessionId) ??
      running.find(each => each.path === path);
    const owner = this._find(
      ({ sessionContext }) => sessionContext.session?.id === model?.id
    );
    return targetOf(model, owner?.id);
  }

  /** The open panels of the views of a document. */
  panelsOf({ path, sessionId }: ICommandTarget): ViewPanel[] {
    const isPanel = (widget: unknown): widget is ViewPanel =>
      widget instanceof ViewPanel;
    return AREAS.flatMap(area => this._widgets(area))
      .filter(isPanel)
      .filter(({ args }) => args.sessionId === sessionId || args.path === path);
  }

  private _find(
    isIt: (document: SessionDocument) => boolean
  ): SessionDocument | undefined {
    for (const tracker of this._trackers) {
      const found = tracker.find(isIt);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  }

  private _widgets(area: string): unknown[] {
    try {
      return [...this._shell.widgets(area)];
    } catch {
      return []; // shells throw for an area they do not have
    }
  }

  private readonly _shell: JupyterFrontEnd.IShell;
  private readonly _sessions: Session.IManager;
  private readonly _trackers: readonly IWidgetTracker<SessionDocument>[];
}

function targetOf(
  model: Session.IModel | undefined,
  ref: string | undefined
): ICommandTarget | null {
  if (!model?.kernel) {
    return null;
  }
  const { id, path, name, kernel } = model;
  return { path, name: name || path, sessionId: id, ref, kernel };
}
