/**
 * A view beside its notebook: a main-area widget with a tab of its own.
 */

import { MainAreaWidget } from '@jupyterlab/apputils';
import { Session } from '@jupyterlab/services';
import { Toolbar } from '@jupyterlab/ui-components';
import { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { PathKernel } from '../services/kernelSource';
import { panelKey } from '../services/placement';
import { NAMESPACE } from '../tokens';
import { viewIcon } from './icons';
import { IViewServices, ViewWidget } from './viewWidget';

/** What it takes to open a panel again; kept in the saved layout. */
export interface IPanelArgs {
  /** The path of the document's session. */
  readonly path: string;
  readonly name: string;
  readonly title: string;
  /** The session it last had: finds the document after it was renamed. */
  readonly sessionId: string | null;
}

/**
 * Read the arguments of a panel from a saved layout or a command's arguments.
 *
 * @throws {TypeError} if `path` or `name` is missing.
 */
export function readPanelArgs(args: ReadonlyPartialJSONObject): IPanelArgs {
  const { path, name, title, sessionId } = args;
  if (typeof path !== 'string' || typeof name !== 'string' || name === '') {
    throw new TypeError(
      'expected the arguments path and name of a view, got ' +
        JSON.stringify(args)
    );
  }
  return {
    path,
    name,
    title: typeof title === 'string' && title !== '' ? title : name,
    sessionId: typeof sessionId === 'string' ? sessionId : null
  };
}

/** One panel; closing it disposes everything it holds. */
export class ViewPanel extends MainAreaWidget<ViewWidget> {
  constructor(
    services: IViewServices,
    sessions: Session.IManager,
    args: IPanelArgs
  ) {
    const kernel = new PathKernel(sessions, args.path, args.sessionId);
    const content = new ViewWidget(services, { ...args, kernel });
    super({ content, toolbar: new Toolbar() });
    this._kernel = kernel;
    this._name = args.name;
    this.addClass('jp-WslinkPanel');
    this.toolbar.hide(); // views bring their own controls
    this.title.icon = viewIcon;
    this._update();
    const { live } = this.content;
    live.titleChanged.connect(this._onChanged, this);
    kernel.changed.connect(this._onChanged, this);
  }

  /** Emitted when `args` or the title has changed. */
  readonly argsChanged = new Signal<this, void>(this);

  get args(): IPanelArgs {
    return {
      path: this._kernel.path,
      name: this._name,
      title: this.content.live.title,
      sessionId: this._kernel.sessionId
    };
  }

  /** The same for the same view of the same document. */
  get key(): string {
    return panelKey(this._kernel.path, this._name);
  }

  /** The kernel of now, or null while none runs. */
  get kernelId(): string | null {
    return this._kernel.kernelId;
  }

  /** Show the title above the view, where there is no tab that does. */
  showHeading(): void {
    this._heading.addClass('jp-WslinkPanel-heading');
    this.toolbar.addItem('title', this._heading);
    this.toolbar.show();
  }

  /** Leave the keyboard where it is when the panel is activated next. */
  skipNextFocus(): void {
    this._skipsFocus = true;
  }

  protected override onActivateRequest(message: Message): void {
    if (this._skipsFocus) {
      this._skipsFocus = false;
    } else {
      super.onActivateRequest(message);
    }
  }

  private readonly _onChanged = (): void => {
    this._update();
    this.argsChanged.emit();
  };

  private _update(): void {
    const { path, title } = this.args;
    this.id = `${NAMESPACE}-view:${this.key}`;
    this.title.label = title;
    this._heading.node.textContent = title;
    this.title.caption = `${title} (${path})`;
  }

  private readonly _kernel: PathKernel;
  private readonly _name: string;
  private readonly _heading = new Widget();
  private _skipsFocus = false;
}
