/**
 * The outcome of a call from a form: what it returned, or why it failed.
 */

import { TranslationBundle } from '@jupyterlab/translation';

import { faultText } from '../services/callLog';
import { durationText } from '../services/inspectorText';
import { IPictureFile, IPixels, summarize } from '../services/valueSummary';
import { element } from './elements';

/** Shows one outcome after the other. */
export class ValueView {
  constructor(trans: TranslationBundle) {
    this._trans = trans;
    this._title.setAttribute('role', 'status');
    // Tall ones scroll, also by the keyboard.
    this._text.tabIndex = 0;
    this._text.setAttribute('aria-label', trans.__('Result'));
    this.node.append(this._title, this._pictures, this._text);
    this.clear('');
  }

  readonly node = element('div', 'jp-WslinkInspector-result');

  /** Show nothing but a line. */
  clear(line: string): void {
    this.node.classList.remove('jp-mod-error');
    this._title.textContent = line;
    this._text.hidden = true;
    this._text.textContent = '';
    this._dropPictures();
  }

  showValue(value: unknown, durationS: number): void {
    const { text, pictures } = summarize(value);
    this.clear(this._trans.__('Result in %1', durationText(durationS)));
    this._text.textContent = text;
    this._text.hidden = false;
    this._pictures.append(...pictures.map(picture => this._draw(picture)));
  }

  showError(error: unknown): void {
    this.clear(faultText(error));
    this.node.classList.add('jp-mod-error');
  }

  dispose(): void {
    this._dropPictures();
  }

  private _draw(picture: IPictureFile | IPixels): HTMLElement {
    if (picture.type === 'pixels') {
      const { widthPx, heightPx, rgba } = picture;
      const canvas = element('canvas', 'jp-WslinkInspector-picture');
      canvas.width = widthPx;
      canvas.height = heightPx;
      canvas
        .getContext('2d')
        ?.putImageData(new ImageData(rgba, widthPx, heightPx), 0, 0);
      canvas.setAttribute('role', 'img');
      canvas.setAttribute(
        'aria-label',
        this._trans.__('Picture of %1 × %2 pixels', widthPx, heightPx)
      );
      return canvas;
    }
    const { mimeType, bytes } = picture;
    const blob = new Blob([bytes.slice()], { type: mimeType });
    const image = element('img', 'jp-WslinkInspector-picture');
    image.src = URL.createObjectURL(blob);
    image.alt = this._trans.__('Picture');
    this._urls.push(image.src);
    return image;
  }

  private _dropPictures(): void {
    this._urls.splice(0).forEach(url => URL.revokeObjectURL(url));
    this._pictures.replaceChildren();
  }

  private readonly _trans: TranslationBundle;
  private readonly _title = element('div', 'jp-WslinkInspector-resultTitle');
  private readonly _pictures = element('div', '');
  private readonly _text = element('pre', 'jp-WslinkInspector-json');
  private readonly _urls: string[] = [];
}
