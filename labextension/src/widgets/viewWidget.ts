/**
 * A view as a Lumino widget: the live view of whichever kernel its source names.
 */

import { TranslationBundle } from '@jupyterlab/translation';
import { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { IKernelSource } from '../services/kernelSource';
import { LiveView } from '../services/liveView';
import { ModuleImporter } from '../services/viewModule';
import { IViewTheme } from '../services/viewTheme';
import { ISessionHandle, IWslinkSessions } from '../tokens';
import { ViewStage } from './viewStage';

/** What every view widget of the page shares. */
export interface IViewServices {
  readonly sessions: IWslinkSessions;
  readonly theme: IViewTheme;
  readonly importModule: ModuleImporter;
  readonly trans: TranslationBundle;
}

/** Which view to show, and of which kernel. */
export interface IViewWidgetOptions {
  readonly name: string;
  readonly title: string;
  /** The kernel start that the view must be of; any by default. */
  readonly epoch?: string | null;
  /** Disposed with the widget. */
  readonly kernel: IKernelSource;
}

/** Owns its share of the session, the live view and the kernel source. */
export class ViewWidget extends Widget {
  constructor(services: IViewServices, options: IViewWidgetOptions) {
    super();
    this._services = services;
    this._kernel = options.kernel;
    this._stage = new ViewStage(this.node, services.trans, () =>
      this._connect()
    );
    this.live = new LiveView({ ...services, ...options, stage: this._stage });
    this._kernel.changed.connect(this._onKernelChanged, this);
    services.sessions.changed.connect(this._onSessionsChanged, this);
    this._connect();
  }

  /** What keeps it equal to the view in the kernel. */
  readonly live: LiveView;

  /** Show the saved picture until there is a live one. */
  showStill(still: HTMLElement | null): void {
    this._stage.showStill(still);
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._kernel.changed.disconnect(this._onKernelChanged, this);
    this._services.sessions.changed.disconnect(this._onSessionsChanged, this);
    this._kernel.dispose();
    this.live.dispose();
    this._handle?.dispose();
    this._stage.dispose();
    super.dispose();
  }

  protected override onBeforeDetach(message: Message): void {
    super.onBeforeDetach(message);
    this._stage.beforeDetach();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._stage.afterAttach();
  }

  private readonly _onKernelChanged = (): void => {
    const { kernelId } = this._kernel;
    if (kernelId === null || kernelId !== this._handle?.kernelId) {
      this._connect();
    }
  };

  /** Join the session that someone has opened in the place of our closed one. */
  private readonly _onSessionsChanged = (): void => {
    const last = this._handle;
    if (last === null || last.session.status.state !== 'closed') {
      return;
    }
    const open = this._services.sessions.current(last.kernelId);
    if (open !== null && open.session !== last.session) {
      this._connect();
    }
  };

  private _connect(): void {
    const { kernelId, path } = this._kernel;
    const last = this._handle;
    this._handle = null; // opening a session is told to us, too
    this._handle =
      kernelId === null ? null : this._services.sessions.session(kernelId);
    const { trans } = this._services;
    this.live.bind(
      this._handle,
      trans.__('No kernel runs for %1: start it and run the cells', path)
    );
    // After the new one was taken, so that a session in common goes on.
    last?.dispose();
  }

  private readonly _services: IViewServices;
  private readonly _kernel: IKernelSource;
  private readonly _stage: ViewStage;
  private _handle: ISessionHandle | null = null;
}
