/**
 * The output of `wl.show(...)` in a cell.
 */

import { ISessionContext } from '@jupyterlab/apputils';
import { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Panel, Widget } from '@lumino/widgets';

import { ContextKernel, sessionPath } from '../services/kernelSource';
import { outputMode } from '../services/outputMode';
import { sentenceOf } from '../services/sentenceError';
import {
  IViewBundle,
  readViewBundle,
  ViewPlacement
} from '../services/viewBundle';
import { VIEW_MIME_TYPE } from '../tokens';
import { viewIcon } from './icons';
import { IPanelArgs } from './viewPanel';
import { button, stillOf } from './viewStage';
import { IViewServices, ViewWidget } from './viewWidget';

/** Opens the panel of a view, or brings the open one to the front. */
export type PanelOpener = (args: IPanelArgs, where: ViewPlacement) => void;

/** The document around an output. */
export interface IOutputDocument {
  readonly sessionContext: ISessionContext;
  readonly services: IViewServices;
  /** How to open a panel; null where the application has no place for one. */
  panelOpener(): PanelOpener | null;
}

/**
 * Renders one output.
 *
 * An output that isn't trusted shows what the file holds and does nothing: no
 * socket, no request, no code, until the user presses its button.
 */
export class ViewOutput extends Panel implements IRenderMime.IRenderer {
  /**
   * @param document - The document, or null where outputs are only looked at.
   * @param trans - The language of the messages.
   */
  constructor(document: IOutputDocument | null, trans: IViewServices['trans']) {
    super();
    this.addClass('jp-WslinkOutput');
    this._document = document;
    this._trans = trans;
    this.node.addEventListener('keydown', keepKey);
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this._model = model;
    this._render(model);
    return Promise.resolve();
  }

  override dispose(): void {
    this._model = null;
    super.dispose();
  }

  /** @returns what opens the panel, if that is what the output offers. */
  private _render(model: IRenderMime.IMimeModel): (() => void) | null {
    this._clear();
    const still = stillOf(model.data);
    let bundle: IViewBundle;
    try {
      bundle = readViewBundle(model.data[VIEW_MIME_TYPE]);
    } catch (error) {
      this._addLine(sentenceOf(error, this._trans));
      this._addStill(still);
      return null;
    }
    const open = this._document?.panelOpener() ?? null;
    const mode = outputMode({
      hasDocument: this._document !== null,
      isAllowed: model.trusted || this._allowedName === bundle.name,
      where: bundle.where,
      canOpenPanel: open !== null
    });
    switch (mode) {
      case 'still':
        this._addLine(bundle.title);
        this._addStill(still);
        break;
      case 'connect':
        this._addLine(
          bundle.title,
          button(this._trans.__('Connect'), () => this._allow(bundle.name))
        );
        this._addStill(still);
        break;
      case 'link': {
        const openIt = (): void =>
          open?.(this._panelArgs(bundle), bundle.where);
        this._addLine(
          bundle.title,
          button(this._trans.__('Open panel'), openIt)
        );
        // A picture of the view beside the view itself would be one too many.
        if (!this._document?.sessionContext.session?.kernel) {
          this._addStill(still);
        }
        return openIt;
      }
      case 'live':
        this._addView(bundle, still);
    }
    return null;
  }

  private _allow(name: string): void {
    this._allowedName = name;
    if (this._model !== null) {
      this._render(this._model)?.(); // a panel need not be asked for twice
    }
  }

  private _panelArgs({ name, title }: IViewBundle): IPanelArgs {
    const { sessionContext } = this._document!;
    return {
      path: sessionPath(sessionContext),
      name,
      title,
      sessionId: sessionContext.session?.id ?? null
    };
  }

  private _addView(bundle: IViewBundle, still: HTMLElement | null): void {
    const { services, sessionContext } = this._document!;
    const view = new ViewWidget(services, {
      name: bundle.name,
      title: bundle.title,
      epoch: bundle.epoch,
      kernel: new ContextKernel(sessionContext)
    });
    view.showStill(still);
    this.addWidget(view);
  }

  private _addLine(text: string, ...actions: HTMLElement[]): void {
    const line = document.createElement('div');
    line.className = 'jp-WslinkOutput-line';
    const label = document.createElement('span');
    label.textContent = text;
    line.append(
      viewIcon.element({ className: 'jp-WslinkOutput-icon', tag: 'span' }),
      label,
      ...actions
    );
    this.addWidget(new Widget({ node: line }));
  }

  private _addStill(still: HTMLElement | null): void {
    if (still !== null) {
      this.addWidget(new Widget({ node: still }));
    }
  }

  private _clear(): void {
    for (const widget of [...this.widgets]) {
      widget.dispose();
    }
  }

  private readonly _document: IOutputDocument | null;
  private readonly _trans: IViewServices['trans'];
  private _model: IRenderMime.IMimeModel | null = null;
  /** The view that the user's click was for; the output may become another's. */
  private _allowedName: string | null = null;
}

/**
 * Keep a key from the notebook, whose commands have bare letters: Enter on a
 * button would edit the cell, and what is typed in a view merge or delete it.
 */
function keepKey(event: KeyboardEvent): void {
  const isShortcut = event.ctrlKey || event.metaKey || event.altKey;
  if (!isShortcut && event.key !== 'Escape') {
    event.stopPropagation();
  }
}
