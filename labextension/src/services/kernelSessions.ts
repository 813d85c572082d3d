/**
 * One wslink session for each kernel and page, counted by its holders.
 */

import { Signal } from '@lumino/signaling';

import { IDisposable, IObservableSession } from '../session/types';
import { IOpenSession, ISessionHandle, IWslinkSessions } from '../tokens';
import { RunningCalls } from './runningCalls';

/** Opens a session to a kernel; this module does not know how. */
export type SessionOpener = (kernelId: string) => IObservableSession;

/** Says where a web file of a kernel is; this module does not know how. */
export type FileLocator = (
  kernelId: string,
  path: string,
  endpoint?: string
) => string;

interface IEntry extends IOpenSession {
  holders: number;
}

/** The table of open sessions. Invariant: every entry has a holder. */
export class KernelSessions implements IWslinkSessions, IDisposable {
  constructor(open: SessionOpener, fileUrl: FileLocator) {
    this._open = open;
    this._fileUrl = fileUrl;
  }

  session(kernelId: string): ISessionHandle {
    let entry = this._entries.get(kernelId);
    if (entry === undefined || entry.session.status.state === 'closed') {
      // A closed session stays with its holders; nobody new gets it.
      const calls = new RunningCalls();
      entry = { session: this._open(kernelId), calls, holders: 0 };
      this._entries.set(kernelId, entry);
      const handle = this._share(kernelId, entry);
      this.changed.emit();
      return handle;
    }
    return this._share(kernelId, entry);
  }

  current(kernelId: string): IOpenSession | null {
    return this._entries.get(kernelId) ?? null;
  }

  get kernelIds(): readonly string[] {
    return [...this._entries.keys()];
  }

  readonly changed = new Signal<this, void>(this);

  /** How many kernels we are in conversation with. */
  get size(): number {
    return this._entries.size;
  }

  /** Close every session, whoever holds it. */
  dispose(): void {
    for (const { session } of this._entries.values()) {
      session.close();
    }
    this._entries.clear();
    this.changed.emit();
    Signal.clearData(this);
  }

  private _share(kernelId: string, entry: IEntry): ISessionHandle {
    entry.holders++;
    let isHeld = true;
    return {
      kernelId,
      session: entry.session,
      calls: entry.calls,
      fileUrl: (path, endpoint) => this._fileUrl(kernelId, path, endpoint),
      dispose: () => {
        if (!isHeld) {
          return;
        }
        isHeld = false;
        if (--entry.holders > 0) {
          return;
        }
        entry.session.close();
        if (this._entries.get(kernelId) === entry) {
          this._entries.delete(kernelId);
          this.changed.emit();
        }
      }
    };
  }

  private readonly _open: SessionOpener;
  private readonly _fileUrl: FileLocator;
  private readonly _entries = new Map<string, IEntry>();
}
