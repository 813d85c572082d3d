/**
 * All open panels of the page: finds, opens and places them.
 */

import { JupyterFrontEnd } from '@jupyterlab/application';
import { WidgetTracker } from '@jupyterlab/apputils';
import { Session } from '@jupyterlab/services';

import { runningSession } from '../services/kernelSource';
import { IShellAbilities, panelKey, placeOf } from '../services/placement';
import { ViewPlacement } from '../services/viewBundle';
import { NAMESPACE } from '../tokens';
import { IPanelArgs, ViewPanel } from './viewPanel';
import { IViewServices } from './viewWidget';

/**
 * Whether an opened panel comes to the front and takes the keyboard.
 *
 * `if-hidden` leaves the keyboard in the notebook, where the next cell is about
 * to be run, unless the panel could not be seen otherwise.
 */
export type PanelFocus = 'always' | 'if-hidden' | 'never';

/** How to open a panel. */
export interface IOpenOptions {
  readonly where: ViewPlacement;
  /** The id of the widget to place it beside. */
  readonly ref: string | undefined;
  readonly focus: PanelFocus;
}

/**
 * Invariant: one panel for each view of each document. Where two documents share
 * a kernel, both mean the same view: the panel that one has opened is the other's.
 */
export class ViewPanels {
  constructor(
    services: IViewServices,
    sessions: Session.IManager,
    shell: JupyterFrontEnd.IShell,
    abilities: IShellAbilities
  ) {
    this._services = services;
    this._sessions = sessions;
    this._shell = shell;
    this._abilities = abilities;
  }

  /** What the layout is saved from. */
  readonly tracker = new WidgetTracker<ViewPanel>({ namespace: NAMESPACE });

  /**
   * Open the panel of a view, or bring the one that is open to the front.
   *
   * @returns The panel; an open one stays where the user put it.
   */
  open(args: IPanelArgs, options: IOpenOptions): ViewPanel {
    const panel = this._find(args) ?? this._add(args, options);
    const { focus } = options;
    if (focus === 'always' || (focus === 'if-hidden' && !panel.isVisible)) {
      if (focus === 'if-hidden' && !this._abilities.splits) {
        panel.skipNextFocus(); // a side area covers nothing of the notebook
      }
      this._shell.activateById(panel.id);
    }
    return panel;
  }

  private _find({ path, name, sessionId }: IPanelArgs): ViewPanel | undefined {
    const key = panelKey(path, name);
    const own = this.tracker.find(panel => panel.key === key);
    if (own !== undefined) {
      return own;
    }
    const kernelId = runningSession(this._sessions, path, sessionId)?.kernel
      ?.id;
    return this.tracker.find(
      panel => panel.args.name === name && panel.kernelId === kernelId
    );
  }

  private _add(args: IPanelArgs, { where, ref }: IOpenOptions): ViewPanel {
    const neighbour = this._neighbour(args.path, where);
    const place =
      neighbour === undefined
        ? placeOf(where, this._abilities, ref)
        : placeOf('tab-after', this._abilities, neighbour.id);
    if (place === null) {
      throw new Error('expected a shell with a place for panels, got none');
    }
    const panel = new ViewPanel(this._services, this._sessions, args);
    this._asked.set(panel, where);
    if (place.area !== 'main') {
      panel.showHeading();
    }
    panel.argsChanged.connect(() => void this.tracker.save(panel));
    void this.tracker.add(panel);
    void this._shell.add(panel, place.area, place.options);
    return panel;
  }

  /** Another view of the document at that side: one split is enough. */
  private _neighbour(
    path: string,
    where: ViewPlacement
  ): ViewPanel | undefined {
    return this.tracker.find(
      panel =>
        panel.args.path === path &&
        panel.isAttached &&
        this._asked.get(panel) === where
    );
  }

  /** Where each panel was asked for. */
  private readonly _asked = new WeakMap<ViewPanel, ViewPlacement>();
  private readonly _services: IViewServices;
  private readonly _sessions: Session.IManager;
  private readonly _shell: JupyterFrontEnd.IShell;
  private readonly _abilities: IShellAbilities;
}
