/**
 * Keeps a view on the screen equal to the view in the kernel: first picture,
 * hot reload, kernel restart, return of the connection.
 */

import { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { IDisposable, ISession, ISessionStatus } from '../session/types';
import { Rendering } from './rendering';
import { ScopedSession } from './scopedSession';
import {
  GET_VIEW,
  IViewAnswer,
  readViewAnswer,
  readViewChange,
  VIEWS_CHANGED
} from './viewAnswer';
import { IErrorReport, reportError } from './viewErrors';
import { viewInfo } from './viewInfo';
import {
  loadRender,
  ModuleImporter,
  moduleLabel,
  RenderFunction
} from './viewModule';
import {
  isKernelLost,
  IViewNotice,
  noticeFor,
  ViewAbsence
} from './viewNotice';
import { IViewTheme } from './viewTheme';

/** The place on the screen, as far as a live view needs it. */
export interface IViewStage {
  /** Add an empty element for the next rendering. */
  createRoot(): HTMLElement;
  /** Grey out what is on the stage, or bring it back. */
  setStale(isStale: boolean): void;
  /** Say that the kernel's main thread runs a cell. */
  setBusy(isBusy: boolean): void;
  showNotice(notice: IViewNotice | null): void;
  showError(report: IErrorReport | null): void;
}

/** Where a view comes from. */
export interface IViewSource {
  readonly session: ISession;
  fileUrl(path: string): string;
}

export interface ILiveViewOptions {
  readonly name: string;
  readonly title: string;
  readonly stage: IViewStage;
  readonly theme: IViewTheme;
  readonly importModule: ModuleImporter;
  readonly trans: TranslationBundle;
}

/**
 * One view of one kernel after the other.
 *
 * Invariant: at most one rendering is running; it is of `_shown`, and stopped
 * as soon as the kernel start that it belongs to is known to be over.
 */
export class LiveView implements IDisposable {
  constructor(options: ILiveViewOptions) {
    this._options = options;
    this._title = options.title;
  }

  get title(): string {
    return this._title;
  }

  readonly titleChanged = new Signal<this, string>(this);

  /**
   * Belong to another session from now on.
   *
   * @param source - The session, or null while there is no kernel.
   * @param waiting - What to say while there is none.
   */
  bind(source: IViewSource | null, waiting: string): void {
    this._leave();
    this._lose();
    if (source === null) {
      this._options.stage.setBusy(false);
      this._options.stage.showNotice({ text: waiting, canReconnect: false });
      return;
    }
    const binding = new AbortController();
    const { session } = source;
    this._binding = binding;
    this._session = session;
    this._fileUrl = path => source.fileUrl(path);
    this._absence = null;
    this._wasOpen = false;
    const heard = session.onStatus(status => this._onStatus(status));
    binding.signal.addEventListener('abort', () => heard.dispose());
    session.subscribe(VIEWS_CHANGED, value => this._onViewsChanged(value), {
      signal: binding.signal
    });
    this._onStatus(session.status);
  }

  dispose(): void {
    this._leave();
    this._rendering?.dispose();
    this._rendering = null;
    Signal.clearData(this);
  }

  private _leave(): void {
    this._turn++;
    this._binding?.abort();
    this._binding = null;
    this._session = null;
  }

  /** The kernel start of the picture is over: keep the picture, nothing else. */
  private _lose(): void {
    this._turn++;
    this._shown = null;
    this._rendering?.stop();
    this._options.stage.setStale(this._rendering !== null);
  }

  private _onStatus(status: ISessionStatus): void {
    const { stage } = this._options;
    const isOpen = status.state === 'open';
    const isOtherStart =
      this._shown !== null &&
      status.epoch !== null &&
      status.epoch !== this._shown.epoch;
    if (isKernelLost(status) || isOtherStart) {
      this._lose();
    }
    stage.setBusy(isOpen && status.kernel === 'busy');
    this._showNotice();
    if (isOpen && (!this._wasOpen || isOtherStart)) {
      void this._refresh();
    }
    this._wasOpen = isOpen;
  }

  private _onViewsChanged(value: unknown): void {
    const change = readViewChange(value);
    if (change === null || change.name !== this._options.name) {
      return;
    }
    if (change.revision === null) {
      this._setAbsent('closed');
    } else if (change.revision !== this._shown?.revision) {
      void this._refresh();
    }
  }

  /** Ask the kernel for the view and show it, if it's another than now. */
  private async _refresh(): Promise<void> {
    const session = this._session;
    const binding = this._binding;
    if (session === null || binding === null) {
      return;
    }
    const turn = ++this._turn;
    const isCurrent = (): boolean => turn === this._turn;
    const { name, importModule } = this._options;
    let label = moduleLabel('', name);
    let tried: IShown | null = null;
    try {
      const answer = readViewAnswer(
        await session.call(GET_VIEW, [name], {}, { signal: binding.signal })
      );
      if (!isCurrent()) {
        return;
      }
      if (answer === null) {
        this._setAbsent('not-shown');
        return;
      }
      this._setFound(answer);
      tried = { revision: answer.revision, epoch: session.status.epoch };
      if (isSame(this._shown, tried)) {
        return; // the connection came back, and the view is as it was
      }
      label = moduleLabel(answer.origin, name);
      const render = await loadRender(answer, label, importModule);
      // Until here the last rendering went on: a typing error in a saved file
      // leaves a working view behind.
      if (isCurrent()) {
        this._shown = tried;
        void this._perform(render, answer, label, session);
      }
    } catch (error) {
      // A call cut off by the connection is repeated when that is open again.
      if (isCurrent() && session.status.state === 'open') {
        this._shown = tried ?? this._shown;
        this._fail(error, label);
      }
    }
  }

  /** Put a new rendering in the place of the last one. */
  private async _perform(
    render: RenderFunction,
    answer: IViewAnswer,
    label: string,
    session: ISession
  ): Promise<void> {
    const { name, stage, theme } = this._options;
    this._rendering?.dispose();
    stage.setStale(false);
    stage.showError(null);
    const rendering = new Rendering(stage.createRoot());
    this._rendering = rendering;
    const { el, signal } = rendering;
    const scoped = new ScopedSession(session, signal, error =>
      this._fail(error, label)
    );
    try {
      await rendering.run(render, {
        session: scoped,
        api: scoped.api,
        el,
        signal,
        view: viewInfo(name, answer, theme, signal, this._fileUrl)
      });
    } catch (error) {
      // Still the running one: a rendering that was ended does not fail.
      rendering.dispose();
      this._rendering = null;
      this._fail(error, label);
    }
  }

  private _fail(error: unknown, label: string): void {
    const { name, stage } = this._options;
    console.warn(`wslink-jupyter: view "${name}" failed`, error);
    stage.showError(reportError(error, label));
  }

  private _setAbsent(absence: ViewAbsence): void {
    this._lose();
    this._absence = absence;
    this._options.stage.showError(null);
    this._showNotice();
  }

  private _setFound(answer: IViewAnswer): void {
    this._absence = null;
    this._showNotice();
    if (answer.title !== this._title) {
      this._title = answer.title;
      this.titleChanged.emit(answer.title);
    }
  }

  private _showNotice(): void {
    if (this._session === null) {
      return;
    }
    const notice = noticeFor(
      this._session.status,
      {
        title: this._title,
        absence: this._absence,
        hasPicture: this._rendering !== null
      },
      this._options.trans
    );
    this._options.stage.showNotice(notice);
  }

  private readonly _options: ILiveViewOptions;
  private _title: string;
  private _session: ISession | null = null;
  private _fileUrl: (path: string) => string = path => path;
  private _binding: AbortController | null = null;
  private _rendering: Rendering | null = null;
  /** What was rendered last, or tried: null once its kernel start is over. */
  private _shown: IShown | null = null;
  private _absence: ViewAbsence | null = null;
  private _wasOpen = false;
  /** Counts the refreshes: only the latest may touch the screen. */
  private _turn = 0;
}

interface IShown {
  readonly revision: number;
  readonly epoch: string | null;
}

function isSame(one: IShown | null, other: IShown): boolean {
  return one?.revision === other.revision && one.epoch === other.epoch;
}
