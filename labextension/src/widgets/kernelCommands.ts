/**
 * What the commands do with a kernel, and how they tell of it.
 */

import { JupyterFrontEnd } from '@jupyterlab/application';
import {
  Dialog,
  InputDialog,
  Notification,
  showDialog,
  showErrorMessage
} from '@jupyterlab/apputils';
import { TranslationBundle } from '@jupyterlab/translation';

import { phaseOf, phaseSentence } from '../services/badgeText';
import { reportText } from '../services/connectionReport';
import { runSilently } from '../services/silentCode';
import { IListedView, listViews } from '../services/viewList';
import { ISessionStatus } from '../session/types';
import { CommandIDs, IWslinkSessions } from '../tokens';
import { ICommandTarget } from './commandTarget';
import { showReport } from './reportDialog';

const LOAD = '%load_ext wslink_jupyter';
const DOCTOR = '%wslink doctor';
/** A kernel that runs no cell answers sooner. */
const PATIENCE_MS = 5000;
/** How long good news stays on the screen. */
const GOOD_NEWS_MS = 5000;

/** One method for each command about a kernel. */
export class KernelCommands {
  constructor(
    app: JupyterFrontEnd,
    sessions: IWslinkSessions,
    trans: TranslationBundle
  ) {
    this._app = app;
    this._sessions = sessions;
    this._trans = trans;
  }

  /** Whether a kernel understands what we would tell it. */
  isPython({ kernel }: ICommandTarget): boolean {
    const { specs } = this._app.serviceManager.kernelspecs;
    const language = specs?.kernelspecs[kernel.name]?.language ?? 'python';
    return language.toLowerCase() === 'python';
  }

  /** Load our extension; loading it again is harmless. */
  async load({ kernel, name }: ICommandTarget): Promise<void> {
    const { kernels } = this._app.serviceManager;
    const trans = this._trans;
    // Behind a cell that runs it may take long: the notification stays.
    const id = Notification.emit(
      trans.__('Loading wslink into the kernel of %1', name),
      'in-progress',
      { autoClose: false }
    );
    try {
      await runSilently(kernels, kernel, LOAD);
      Notification.update({
        id,
        type: 'success',
        message: trans.__('wslink is loaded in the kernel of %1', name),
        autoClose: GOOD_NEWS_MS
      });
    } catch (error) {
      Notification.dismiss(id);
      await this._tellNotLoaded(error);
    }
  }

  /** Ask for one of the kernel's views, and open its panel. */
  async chooseView(target: ICommandTarget): Promise<void> {
    const trans = this._trans;
    const title = trans.__('Open View');
    let views: readonly IListedView[];
    try {
      const found = await this._list(target);
      if ('state' in found) {
        await this._tellNotConnected(target, title, found);
        return;
      }
      views = found;
    } catch (error) {
      await showErrorMessage(title, error as Error);
      return;
    }
    if (views.length === 0) {
      await showDialog({
        title,
        body: trans.__(
          'The kernel of %1 shows no view: run a cell with wl.show(...).',
          target.name
        ),
        buttons: [Dialog.okButton()]
      });
      return;
    }
    const labels = views.map(({ name, title }) =>
      title === name ? name : `${title} (${name})`
    );
    const { value } = await InputDialog.getItem({
      title,
      label: trans.__('A view of %1:', target.name),
      items: labels,
      okLabel: trans.__('Open')
    });
    if (value !== null) {
      await this._open(target, views[labels.indexOf(value)]);
    }
  }

  /** Whether there is a session that is not connected. */
  canReconnect({ kernel }: ICommandTarget): boolean {
    const open = this._sessions.current(kernel.id);
    return open !== null && open.session.status.state !== 'open';
  }

  /** Try now; the views of a session that was given up get a new one. */
  reconnect({ kernel }: ICommandTarget): void {
    const handle = this._sessions.session(kernel.id);
    handle.session.reconnect();
    handle.dispose(); // the views have their shares
  }

  /** Show what page and kernel know of their connection. */
  async report({ kernel }: ICommandTarget): Promise<void> {
    const session = this._sessions.current(kernel.id)?.session ?? null;
    const status = session?.status ?? null; // the doctor makes the kernel busy
    const doctor = await this._doctor(kernel);
    const text = reportText(
      {
        application: `${this._app.name} ${this._app.version}`,
        browser: navigator.userAgent,
        kernelId: kernel.id,
        status,
        roundTripS: session?.roundTripS ?? null
      },
      doctor
    );
    await showReport(text, this._trans);
  }

  private async _doctor(kernel: ICommandTarget['kernel']): Promise<string> {
    const { kernels } = this._app.serviceManager;
    const signal = AbortSignal.timeout(PATIENCE_MS);
    try {
      const printed = await runSilently(kernels, kernel, DOCTOR, signal);
      return `${DOCTOR}\n${printed}`;
    } catch (error) {
      const why = signal.aborted
        ? `no answer within ${PATIENCE_MS / 1000} s: a cell may be running`
        : String(error);
      return `${DOCTOR}\n${why}`;
    }
  }

  /** @returns the views, or a status that says why they are not known. */
  private async _list({
    kernel
  }: ICommandTarget): Promise<readonly IListedView[] | ISessionStatus> {
    const handle = this._sessions.session(kernel.id);
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      return await listViews(handle.session, signal);
    } finally {
      handle.dispose();
    }
  }

  /** Say why there are no views to choose from, and offer what would help. */
  private async _tellNotConnected(
    target: ICommandTarget,
    title: string,
    status: ISessionStatus
  ): Promise<void> {
    const trans = this._trans;
    const phase = phaseOf(status, false);
    const canLoad = phase === 'not-loaded' && this.isPython(target);
    const { button } = await showDialog({
      title,
      body: phaseSentence(phase, target.name, status.reason, trans),
      buttons: canLoad
        ? [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Load') })]
        : [Dialog.okButton()]
    });
    if (canLoad && button.accept) {
      await this.load(target);
    }
  }

  private async _open(
    { path, sessionId, ref }: ICommandTarget,
    { name, title, where }: IListedView
  ): Promise<void> {
    await this._app.commands.execute(CommandIDs.openView, {
      path,
      name,
      title,
      sessionId,
      where,
      activate: true,
      ...(ref === undefined ? {} : { ref })
    });
  }

  private async _tellNotLoaded(error: unknown): Promise<void> {
    const trans = this._trans;
    const text = error instanceof Error ? error.message : String(error);
    await showErrorMessage(
      trans.__('wslink could not be loaded'),
      text.includes("No module named 'wslink_jupyter'")
        ? trans.__(
            '%1. Install it in the environment of the kernel: %2',
            text,
            '%pip install wslink_jupyter'
          )
        : text
    );
  }

  private readonly _app: JupyterFrontEnd;
  private readonly _sessions: IWslinkSessions;
  private readonly _trans: TranslationBundle;
}
