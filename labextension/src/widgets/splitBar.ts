/**
 * What a call spent its time with, as a bar of four parts.
 */

import { TranslationBundle } from '@jupyterlab/translation';

import { ICallSplit, SPLIT_PARTS } from '../services/callSplit';
import { durationText, partName, splitText } from '../services/inspectorText';
import { element, setText } from './elements';

/** Parts that would be too small to see are this wide, in percent. */
const LEAST_PERCENT = 0.5;

/** The bar; people who cannot see it hear the figures. */
export class SplitBar {
  constructor(trans: TranslationBundle) {
    this._trans = trans;
    this.node.setAttribute('role', 'img');
    for (const part of SPLIT_PARTS) {
      const node = element('span', 'jp-WslinkInspector-part');
      node.dataset.part = part;
      this._parts.set(part, node);
      this.node.append(node);
    }
  }

  readonly node = element('div', 'jp-WslinkInspector-bar');

  set(split: ICallSplit): void {
    const text = splitText(split, this._trans);
    this.node.setAttribute('aria-label', text);
    this.node.title = text;
    const total = SPLIT_PARTS.reduce((sum, part) => sum + split[part], 0);
    for (const [part, node] of this._parts) {
      const percent = total > 0 ? (100 * split[part]) / total : 0;
      node.style.flexGrow = String(Math.max(percent, LEAST_PERCENT));
    }
  }

  private readonly _trans: TranslationBundle;
  private readonly _parts = new Map<keyof ICallSplit, HTMLElement>();
}

/** Says which colour is which part, with the figures of one split. */
export class SplitLegend {
  constructor(trans: TranslationBundle) {
    for (const part of SPLIT_PARTS) {
      const node = element('span', 'jp-WslinkInspector-legendItem');
      const swatch = element('span', 'jp-WslinkInspector-part');
      swatch.dataset.part = part;
      const figure = element('span', '');
      node.append(swatch, `${partName(part, trans)} `, figure);
      this._figures.set(part, figure);
      this.node.append(node);
    }
  }

  readonly node = element('div', 'jp-WslinkInspector-legend');

  set(split: ICallSplit): void {
    for (const [part, node] of this._figures) {
      setText(node, durationText(split[part]));
    }
  }

  private readonly _figures = new Map<keyof ICallSplit, HTMLElement>();
}
