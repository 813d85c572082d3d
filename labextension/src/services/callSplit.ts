/**
 * What a call spent its time with, by two clocks that know nothing of each other.
 */

/** When a call came, began and ended, on the kernel's clock; seconds. */
export interface ICallTiming {
  readonly id: string;
  readonly receivedS: number;
  readonly startedS: number;
  readonly endedS: number;
}

/** The parts of a call; their sum is how long it took. Seconds. */
export interface ICallSplit {
  /** From the page, by way of the server, to the kernel. */
  readonly thereS: number;
  /** Waiting for its turn in the kernel. */
  readonly queueS: number;
  /** In the procedure; its result is encoded. */
  readonly handlerS: number;
  /** Back to the page. */
  readonly backS: number;
}

/** The parts in the order in which they come. */
export const SPLIT_PARTS = ['thereS', 'queueS', 'handlerS', 'backS'] as const;

/** Read a value of the topic `jupyter.inspect.timings`; null if it is none. */
export function readCallTiming(value: unknown): ICallTiming | null {
  if (typeof value !== 'object' || value === null) {
    return null;
  }
  const { id, received_s, started_s, ended_s } = value as Record<
    string,
    unknown
  >;
  if (
    typeof id !== 'string' ||
    typeof received_s !== 'number' ||
    typeof started_s !== 'number' ||
    typeof ended_s !== 'number'
  ) {
    return null;
  }
  return { id, receivedS: received_s, startedS: started_s, endedS: ended_s };
}

/**
 * Splits calls, and learns from each how far the kernel's clock is ahead.
 *
 * A call reached the kernel after it left the page, and its result left before it
 * came back: each bounds the difference of the clocks, the quicker the call, the
 * closer. The middle of what is left is wrong by half of the quickest way at most,
 * and no part of a call is ever negative.
 */
export class CallSplitter {
  /**
   * Split a call.
   *
   * @param timing - What the kernel says.
   * @param beganS - When it was made, on the page's clock.
   * @param endedS - When its reply was there.
   */
  split(timing: ICallTiming, beganS: number, endedS: number): ICallSplit {
    const { receivedS, startedS } = timing;
    const least = timing.endedS - endedS;
    const most = receivedS - beganS;
    const isPossible = least <= this._most && most >= this._least;
    // Otherwise one of the clocks was set, or the kernel is another.
    this._least = isPossible ? Math.max(least, this._least) : least;
    this._most = isPossible ? Math.min(most, this._most) : most;
    const aheadS = (this._least + this._most) / 2;
    return {
      thereS: receivedS - aheadS - beganS,
      queueS: startedS - receivedS,
      handlerS: timing.endedS - startedS,
      backS: endedS - (timing.endedS - aheadS)
    };
  }

  private _least = -Infinity;
  private _most = Infinity;
}
