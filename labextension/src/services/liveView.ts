/**
 * Keeps a view on the screen equal to the view in the kernel: first picture,
 * hot reload, kernel restart, return of the connection.
 */

import { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { IDisposable, ISessionStatus } from '../session/types';
import { Rendering } from './rendering';
import { IViewStage } from './stage';
import {
  GET_VIEW,
  readViewAnswer,
  readViewChange,
  ViewAnswer,
  VIEWS_CHANGED
} from './viewAnswer';
import { errorText, reportError } from './viewErrors';
import { ModuleImporter, moduleLabel, RenderFunction } from './viewModule';
import { isKernelLost, noticeFor, ViewAbsence } from './viewNotice';
import { renderOf } from './viewRender';
import { runView } from './viewRun';
import { IViewSource } from './viewSource';
import { IViewTheme } from './viewTheme';

export interface ILiveViewOptions {
  readonly name: string;
  readonly title: string;
  /**
   * The kernel start that the view must be of; any by default. A name may mean
   * another view by now.
   */
  readonly epoch?: string | null;
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
    this._source = source;
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
    this._source = null;
  }

  /** The kernel start of the picture is over: keep the picture, nothing else. */
  private _lose(): void {
    this._turn++;
    this._shown = null;
    this._rendering?.stop();
    const hasPicture = this._rendering !== null;
    this._options.stage.setStale(hasPicture || this._absence === 'outdated');
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
    if (change.revision === null && this._absence !== 'outdated') {
      this._setAbsent('closed');
    } else if (change.revision !== this._shown?.revision) {
      void this._refresh();
    }
  }

  /** Ask the kernel for the view and show it, if it's another than now. */
  private async _refresh(): Promise<void> {
    const source = this._source;
    const binding = this._binding;
    if (source === null || binding === null) {
      return;
    }
    const { session } = source;
    if (this._isOutdated(session.status)) {
      this._setAbsent('outdated');
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
      const render = await renderOf(answer, label, importModule, source);
      // Until here the last rendering went on: a typing error in a saved file
      // leaves a working view behind.
      if (isCurrent()) {
        this._shown = tried;
        void this._perform(render, answer, label, source);
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
    answer: ViewAnswer,
    label: string,
    source: IViewSource
  ): Promise<void> {
    const { name, stage, theme } = this._options;
    this._rendering?.dispose();
    stage.setStale(false);
    stage.showError(null);
    const rendering = new Rendering(stage.createRoot());
    this._rendering = rendering;
    const onError = (error: unknown): void => this._fail(error, label);
    try {
      await runView(rendering, render, {
        name,
        source,
        answer,
        theme,
        onError,
        onWaiting: (calls, reason) => stage.setWaiting(calls, reason)
      });
    } catch (error) {
      // Still the running one: a rendering that was ended does not fail.
      rendering.dispose();
      this._rendering = null;
      onError(error);
    }
  }

  private _fail(error: unknown, label: string): void {
    const { name, stage, trans } = this._options;
    console.warn(`wslink-jupyter: view "${name}" failed: ${errorText(error)}`);
    stage.showError(reportError(error, label, trans));
  }

  private _isOutdated({ epoch }: ISessionStatus): boolean {
    const expected = this._options.epoch ?? epoch;
    return epoch !== null && epoch !== expected;
  }

  private _setAbsent(absence: ViewAbsence): void {
    this._absence = absence;
    this._lose();
    this._options.stage.showError(null);
    this._showNotice();
  }

  private _setFound(answer: ViewAnswer): void {
    this._absence = null;
    this._showNotice();
    if (answer.title !== this._title) {
      this._title = answer.title;
      this.titleChanged.emit(answer.title);
    }
  }

  private _showNotice(): void {
    if (this._source === null) {
      return;
    }
    const notice = noticeFor(
      this._source.session.status,
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
  private _source: IViewSource | null = null;
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
