/**
 * Listens to the kernels of open documents for views to open.
 */

import { ISessionContext } from '@jupyterlab/apputils';
import { KernelMessage } from '@jupyterlab/services';
import { Widget } from '@lumino/widgets';

import { announcedView } from './announcement';
import { IViewBundle } from './viewBundle';

/** A notebook or console. */
export type SessionDocument = Widget & {
  readonly sessionContext: ISessionContext;
};

/** Called once for each announcement, with the id of the document's widget. */
export type AnnouncementListener = (
  view: IViewBundle,
  context: ISessionContext,
  ref: string
) => void;

/** Watches documents until they are closed. */
export class AnnouncementWatch {
  constructor(listener: AnnouncementListener) {
    this._listener = listener;
  }

  /** Listen to the kernel of a document, whichever kernel that will be. */
  add(document: SessionDocument): void {
    const { sessionContext } = document;
    const widgets = this._documents.get(sessionContext);
    document.disposed.connect(() => this._remove(document));
    if (widgets !== undefined) {
      widgets.push(document); // a second view of a notebook hears the same
      return;
    }
    this._documents.set(sessionContext, [document]);
    sessionContext.iopubMessage.connect(this._onMessage, this);
  }

  private _remove(document: SessionDocument): void {
    const { sessionContext } = document;
    const widgets = (this._documents.get(sessionContext) ?? []).filter(
      widget => widget !== document
    );
    if (widgets.length > 0) {
      this._documents.set(sessionContext, widgets);
    } else {
      this._documents.delete(sessionContext);
      sessionContext.iopubMessage.disconnect(this._onMessage, this);
    }
  }

  private readonly _onMessage = (
    context: ISessionContext,
    message: KernelMessage.IMessage
  ): void => {
    const view = announcedView(
      message as KernelMessage.IIOPubMessage,
      context.session?.kernel?.clientId
    );
    const document = this._documents.get(context)?.[0];
    if (view !== null && document !== undefined) {
      this._listener(view, context, document.id);
    }
  };

  private readonly _listener: AnnouncementListener;
  private readonly _documents = new Map<ISessionContext, SessionDocument[]>();
}
