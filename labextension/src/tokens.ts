/**
 * Names other extensions may rely on: the token, the commands, the MIME type.
 * Importing this module does nothing else.
 */

import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { RunningCalls } from './services/runningCalls';
import { IDisposable, IObservableSession } from './session/types';

/** The MIME type of what `wl.show(...)` leaves in a cell's output. */
export const VIEW_MIME_TYPE = 'application/vnd.wslink-jupyter.view+json';

/** The version of the view bundle and of the kernel's answers we understand. */
export const VIEW_PROTOCOL = 1;

/** The namespace of our layout entries and CSS-free identifiers. */
export const NAMESPACE = 'wslink-jupyter';

/** The names under which our plugins are registered (and can be disabled). */
export const PluginIDs = {
  sessions: 'wslink-jupyter:sessions',
  panels: 'wslink-jupyter:panels',
  renderer: 'wslink-jupyter:renderer',
  status: 'wslink-jupyter:status',
  inspector: 'wslink-jupyter:inspector',
  commands: 'wslink-jupyter:commands',
  settings: 'wslink-jupyter:settings'
} as const;

/** The commands we add to the application. */
export const CommandIDs = {
  /**
   * Open the panel of a view, or bring the one that is open to the front.
   *
   * Arguments: `path`, `name`, and what else `describedBy` says. Absent in an
   * application which has no place for panels.
   */
  openView: 'wslink-jupyter:open-view',
  /** Load our extension into the kernel of the current document. */
  load: 'wslink-jupyter:load',
  /** Ask for one of the views that the current kernel shows, and open it. */
  chooseView: 'wslink-jupyter:choose-view',
  /** Close the panels of the current document's views. */
  closeViews: 'wslink-jupyter:close-views',
  /** Connect to the current kernel now, where that is not so. */
  reconnect: 'wslink-jupyter:reconnect',
  /** Show what to send along with a question about a connection. */
  report: 'wslink-jupyter:report',
  /** Open a new notebook with a first view; `cwd` says in which folder. */
  createExample: 'wslink-jupyter:create-example'
} as const;

/** A session of the page, and what its views do over it. */
export interface IOpenSession {
  /** Shared by the whole page: never close it. */
  readonly session: IObservableSession;
  /** The calls of the page's views that have not ended. */
  readonly calls: RunningCalls;
}

/** One share in the session of a kernel: dispose it, to let the session go. */
export interface ISessionHandle extends IOpenSession, IDisposable {
  readonly kernelId: string;
  /** The URL of one of the kernel's web files, of its default endpoint or another. */
  fileUrl(path: string, endpoint?: string): string;
}

/** One wslink session for each kernel, shared by everything in the page. */
export interface IWslinkSessions {
  /**
   * Take a share in the session of a kernel, opening it if this is the first.
   *
   * The session closes when the last share is disposed.
   *
   * @param kernelId - The kernel, as Jupyter Server names it.
   */
  session(kernelId: string): ISessionHandle;
  /**
   * Look at the session of a kernel, if anyone in the page has a share in it.
   *
   * It takes no share and opens nothing.
   */
  current(kernelId: string): IOpenSession | null;
  /** The kernels for which `current` has an answer. */
  readonly kernelIds: readonly string[];
  /** Emitted when what `current` answers, for any kernel, has changed. */
  readonly changed: ISignal<IWslinkSessions, void>;
}

export const IWslinkSessions = new Token<IWslinkSessions>(
  'wslink-jupyter:IWslinkSessions',
  'Gives the wslink session of a kernel, one for each kernel and page.'
);
