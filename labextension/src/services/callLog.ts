/**
 * The calls of the page that have ended while somebody looked.
 */

import { Signal } from '@lumino/signaling';

import { IClock } from '../session/clock';
import {
  IDisposable,
  IObservableSession,
  IObservedCall
} from '../session/types';
import { SYSTEM_CLOCK } from '../transport/clock';
import { RpcError } from '../wire/errors';
import {
  CallSplitter,
  ICallSplit,
  ICallTiming,
  readCallTiming
} from './callSplit';

/** Where the kernel tells of calls, to who makes them. */
export const TIMINGS_TOPIC = 'jupyter.inspect.timings';

/** Calls of our own, which would fill the log. */
const OWN_PREFIX = 'jupyter.inspect.';

/** Older ones are forgotten. */
const MAX_ENTRIES = 500;

/** Nobody reads faster. */
const TELL_INTERVAL_MS = 200;

/** One call that has ended. */
export interface ILogEntry {
  readonly kernelId: string;
  readonly method: string;
  /** Time of day when it was made, seconds. */
  readonly timeS: number;
  readonly durationS: number;
  /** What it failed with; null if it did not. */
  readonly error: string | null;
  /** Null if the kernel did not say. */
  readonly split: ICallSplit | null;
}

/** Keeps the log. It holds nothing of the arguments and results. */
export class CallLog {
  /** @param clock - Time; the page's own by default. */
  constructor(clock: IClock = SYSTEM_CLOCK) {
    this._clock = clock;
  }

  /** Emitted now and then while there is something new, and when it is cleared. */
  readonly changed = new Signal<this, void>(this);

  /** The calls to one kernel, the newest first. */
  of(kernelId: string): readonly ILogEntry[] {
    return this._entries.filter(entry => entry.kernelId === kernelId).reverse();
  }

  /** Forget the calls to one kernel. */
  clear(kernelId: string): void {
    this._entries = this._entries.filter(entry => entry.kernelId !== kernelId);
    this.changed.emit();
  }

  /** Log the calls that a session makes, until the answer is disposed. */
  follow(kernelId: string, session: IObservableSession): IDisposable {
    const clock = this._clock;
    const splitter = new CallSplitter();
    /** What the kernel told of calls that go on, by their ids. */
    const timings = new Map<string, ICallTiming>();
    const going = new Set<IObservedCall>();
    let isOver = false;

    const end = (call: IObservedCall, beganS: number, fault: unknown): void => {
      const timing = timings.get(call.id ?? '');
      timings.delete(call.id ?? '');
      going.delete(call);
      if (isOver) {
        return;
      }
      const endedS = clock.now();
      this._add({
        kernelId,
        method: call.method,
        timeS: clock.wallS() - (endedS - beganS),
        durationS: endedS - beganS,
        error: fault === NO_FAULT ? null : faultText(fault),
        split: timing ? splitter.split(timing, beganS, endedS) : null
      });
    };
    const observed = session.onCall(call => {
      if (call.method.startsWith(OWN_PREFIX)) {
        return;
      }
      const beganS = clock.now();
      going.add(call);
      call.promise.then(
        () => end(call, beganS, NO_FAULT),
        (error: unknown) => end(call, beganS, error)
      );
    });
    const heard = session.subscribe(TIMINGS_TOPIC, value => {
      const timing = readCallTiming(value);
      // Also told of calls that nobody waits for any more.
      if (timing && [...going].some(({ id }) => id === timing.id)) {
        timings.set(timing.id, timing);
      }
    });
    return {
      dispose: () => {
        isOver = true;
        observed.dispose();
        heard.dispose();
      }
    };
  }

  private _add(entry: ILogEntry): void {
    this._entries.push(entry);
    if (this._entries.length > MAX_ENTRIES) {
      this._entries.shift();
    }
    if (!this._isTimed) {
      this._isTimed = true;
      this._clock.setTimeout(() => {
        this._isTimed = false;
        this.changed.emit();
      }, TELL_INTERVAL_MS);
    }
  }

  private readonly _clock: IClock;
  private _entries: ILogEntry[] = [];
  private _isTimed = false;
}

/** The log as JSON Lines, the oldest first; seconds with microseconds. */
export function jsonLines(newestFirst: readonly ILogEntry[]): string {
  return [...newestFirst]
    .reverse()
    .map(({ kernelId, method, timeS, durationS, error, split }) =>
      JSON.stringify({
        time: new Date(timeS * 1000).toISOString(),
        kernel_id: kernelId,
        uri: method,
        duration_s: micro(durationS),
        error,
        there_s: micro(split?.thereS),
        queue_s: micro(split?.queueS),
        handler_s: micro(split?.handlerS),
        back_s: micro(split?.backS)
      })
    )
    .map(line => `${line}\n`)
    .join('');
}

/** No error is this one: a call may be rejected with anything. */
const NO_FAULT = Symbol('no fault');

/** An error in a line: its code if it has one, and what it says. */
export function faultText(fault: unknown): string {
  if (!(fault instanceof Error)) {
    return String(fault);
  }
  const { name, message } = fault;
  const kind = fault instanceof RpcError ? `${name} ${fault.code}` : name;
  return message === '' ? kind : `${kind}: ${message}`;
}

function micro(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.round(seconds * 1e6) / 1e6;
}
