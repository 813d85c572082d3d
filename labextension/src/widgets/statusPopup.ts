/**
 * What the badge opens: the state in a sentence, loops and calls that go on.
 */

import { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import {
  callText,
  phaseOf,
  phaseSentence,
  progressText,
  roundTripSentence
} from '../services/badgeText';
import { IShownKernel, StatusModel } from '../services/statusModel';
import { ActivityRow, IRow } from './progressRow';

/** The body of a popup; `update` brings it up to date. */
export class StatusPopup extends Widget {
  /**
   * @param model - What to show.
   * @param interrupt - Interrupts a kernel.
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
    this.addClass('jp-WslinkStatus-popup');
    this.node.tabIndex = -1;
    this.node.setAttribute('role', 'dialog');
    this.node.setAttribute('aria-label', trans.__('Connection of the views'));
    this.node.append(this._sentence, this._roundTrip, this._list, this._idle);
    this._idle.className = 'jp-WslinkStatus-details';
    this._idle.textContent = trans.__('No loop and no long call is running.');
    this._render();
  }

  protected override onUpdateRequest(): void {
    this._render();
  }

  private _render(): void {
    const { shown } = this._model;
    if (shown === null) {
      return; // about to be closed
    }
    const { watch, document } = shown;
    const { status, roundTripS } = watch;
    const phase = phaseOf(status, watch.wasOpen);
    const trans = this._trans;
    this._sentence.textContent = phaseSentence(
      phase,
      document,
      status.reason,
      trans
    );
    const roundTrip = roundTripSentence(phase, roundTripS, trans);
    this._roundTrip.textContent = roundTrip;
    this._roundTrip.hidden = roundTrip === '';
    this._place(this._rowsOf(shown));
  }

  /** What goes on, each under a key that stays its own. */
  private _rowsOf({ kernelId, watch }: IShownKernel): Map<unknown, IRow> {
    const trans = this._trans;
    const rows = new Map<unknown, IRow>();
    for (const bar of watch.bars) {
      rows.set(bar.id, {
        label: bar.title || trans.__('Loop'),
        details: progressText(bar, trans),
        progress: bar,
        cancelTitle: trans.__('Interrupt the kernel'),
        cancel: () => this._interrupt(kernelId)
      });
    }
    for (const call of watch.calls) {
      rows.set(call, {
        label: call.name,
        details: callText(call, trans),
        progress: null,
        cancelTitle: trans.__('Cancel this call'),
        cancel: call.cancel
      });
    }
    return rows;
  }

  /** Bring the list up to date. New rows come last, as loops and calls begin. */
  private _place(rows: ReadonlyMap<unknown, IRow>): void {
    for (const [key, row] of [...this._rows]) {
      if (!rows.has(key)) {
        const hadFocus = row.node.contains(document.activeElement);
        row.node.remove();
        this._rows.delete(key);
        if (hadFocus) {
          this.node.focus(); // rather than out of the popup
        }
      }
    }
    for (const [key, shown] of rows) {
      let row = this._rows.get(key);
      if (row === undefined) {
        row = new ActivityRow(this._trans.__('Cancel'));
        this._rows.set(key, row);
        this._list.append(row.node);
      }
      row.set(shown);
    }
    this._list.hidden = rows.size === 0;
    this._idle.hidden = rows.size > 0;
  }

  private readonly _model: StatusModel;
  private readonly _interrupt: (kernelId: string) => void;
  private readonly _trans: TranslationBundle;
  private readonly _sentence = document.createElement('div');
  private readonly _roundTrip = document.createElement('div');
  private readonly _list = document.createElement('ul');
  private readonly _idle = document.createElement('div');
  private readonly _rows = new Map<unknown, ActivityRow>();
}
