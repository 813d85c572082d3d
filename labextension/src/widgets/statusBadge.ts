/**
 * The badge in the status bar: how the session of the current kernel stands.
 */

import { Popup, showPopup } from '@jupyterlab/statusbar';
import { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import {
  badgeText,
  phaseOf,
  phaseSentence,
  progressText,
  roundTripSentence
} from '../services/badgeText';
import { StatusModel } from '../services/statusModel';
import { setText } from './elements';
import { setProgress } from './progressRow';
import { StatusPopup } from './statusPopup';

/** How often the round trip is read again: nothing tells when it changes. */
const REREAD_MS = 2000;

/** A button that opens a popup with the details. */
export class StatusBadge extends Widget {
  /**
   * @param model - What to show.
   * @param interrupt - Interrupts a kernel, for the cancel buttons of loops.
   * @param trans - The language of the texts.
   */
  constructor(
    model: StatusModel,
    interrupt: (kernelId: string) => void,
    trans: TranslationBundle
  ) {
    super();
    this._model = model;
    this._interrupt = interrupt;
    this._trans = trans;
    this.addClass('jp-WslinkStatus');
    this._button.className = 'jp-WslinkStatus-badge';
    this._button.type = 'button';
    this._button.setAttribute('aria-haspopup', 'dialog');
    this._button.setAttribute('aria-expanded', 'false');
    this._button.addEventListener('click', () => this._toggle());
    // The popup says the same in words.
    this._bar.setAttribute('aria-hidden', 'true');
    this._button.append(this._text, this._bar, this._count);
    // Apart from the button: the round trip changes there, and is not to be read.
    this._live.className = 'jp-WslinkStatus-live';
    this._live.setAttribute('role', 'status');
    this.node.append(this._button, this._live);
    model.changed.connect(this._onChanged, this);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._model.changed.disconnect(this._onChanged, this);
      this._popup?.dispose();
      this._stop();
      super.dispose();
    }
  }

  protected override onAfterShow(): void {
    this._start();
  }

  protected override onAfterAttach(): void {
    this._start();
  }

  protected override onBeforeHide(): void {
    this._stop();
  }

  protected override onBeforeDetach(): void {
    this._stop();
  }

  protected override onUpdateRequest(): void {
    const { shown } = this._model;
    if (shown === null) {
      this._popup?.dispose();
      return;
    }
    const { document, watch } = shown;
    const { status, roundTripS, bars, calls } = watch;
    const phase = phaseOf(status, watch.wasOpen);
    const trans = this._trans;
    const sentence = phaseSentence(phase, document, status.reason, trans);
    const lines = [sentence, roundTripSentence(phase, roundTripS, trans)];
    setText(this._text, badgeText(phase, roundTripS, trans));
    this.node.dataset.phase = phase;
    this._bar.hidden = bars.length === 0;
    if (bars.length > 0) {
      setProgress(this._bar, bars[0]);
      lines.push(`${bars[0].title} ${progressText(bars[0], trans)}`.trim());
    }
    setText(
      this._count,
      calls.length === 0 ? '' : trans._n('%1 call', '%1 calls', calls.length)
    );
    this._button.title = lines.filter(line => line !== '').join('\n');
    // The first state of a document is no news.
    const key = `${shown.kernelId} ${phase}`;
    if (this._said !== key) {
      const isNews = this._said.startsWith(`${shown.kernelId} `);
      setText(this._live, isNews ? sentence : '');
      this._said = key;
    }
    this._content?.update();
  }

  private readonly _onChanged = (): void => {
    this.update(); // once, however much changes in one go
  };

  private _toggle(): void {
    if (this._popup !== null) {
      this._popup.dispose();
      return;
    }
    const content = new StatusPopup(this._model, this._interrupt, this._trans);
    const popup = showPopup({
      body: content,
      anchor: this,
      align: 'left', // as the badge is: to its left there may be no room
      hasDynamicSize: true
    });
    this._content = content;
    this._popup = popup;
    this._button.setAttribute('aria-expanded', 'true');
    content.node.focus();
    popup.disposed.connect(() => {
      this._popup = null;
      this._content = null;
      this._button.setAttribute('aria-expanded', 'false');
      // Told while it is still in the page: the keyboard goes back where it was.
      if (popup.node.contains(document.activeElement)) {
        this._button.focus();
      }
    });
  }

  private _start(): void {
    this.update();
    if (this._timer === undefined && this.isVisible) {
      this._timer = setInterval(() => {
        if (!document.hidden) {
          this.update();
        }
      }, REREAD_MS);
    }
  }

  private _stop(): void {
    clearInterval(this._timer);
    this._timer = undefined;
  }

  private readonly _model: StatusModel;
  private readonly _interrupt: (kernelId: string) => void;
  private readonly _trans: TranslationBundle;
  private readonly _button = document.createElement('button');
  private readonly _text = document.createElement('span');
  private readonly _bar = document.createElement('progress');
  private readonly _count = document.createElement('span');
  private readonly _live = document.createElement('span');
  private _popup: Popup | null = null;
  private _content: StatusPopup | null = null;
  /** The kernel and phase that the live region knows. */
  private _said = '';
  private _timer: ReturnType<typeof setInterval> | undefined;
}
