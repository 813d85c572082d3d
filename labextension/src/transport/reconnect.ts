/** When to come back after a connection is lost, as a pure schedule. */

import { CloseCode } from '../wire/codes';

/** First ceiling of the delay, seconds; each failure doubles it. */
const FIRST_CEILING_S = 0.3;
const CEILING_S = 5;
/** Ceiling once the outage is long. */
const LATE_CEILING_S = 30;
/** Length of an outage from which it is long, seconds. */
const LATE_S = 600;

const LOG_IN = 'log in to Jupyter again';

/** What a close code means: whether to come back, and a sentence for people. */
type CloseRule = Readonly<{ final: boolean; sentence: string }>;

const RULES: ReadonlyMap<number, CloseRule> = new Map([
  rule(
    CloseCode.UNSUPPORTED_DATA,
    true,
    'the server took this client for one of wslink 1.x'
  ),
  rule(CloseCode.BAD_FRAME, true, 'a message broke the rules of the wire'),
  rule(CloseCode.SUPERSEDED, true, 'another page took over this session'),
  rule(CloseCode.NOT_ALLOWED, true, `not allowed any more: ${LOG_IN}`),
  rule(
    CloseCode.NO_RUNTIME,
    false,
    'the kernel has no such endpoint yet: run %load_ext wslink_jupyter'
  ),
  rule(
    CloseCode.SLOW_CONSUMER,
    false,
    'this page was too slow for what was sent to it'
  ),
  rule(CloseCode.TOO_BIG, true, 'a message was larger than the limit'),
  rule(
    CloseCode.KERNEL_RESTARTED,
    false,
    'the kernel restarted, or unloaded wslink_jupyter'
  ),
  rule(CloseCode.KERNEL_DEAD, true, 'the kernel is gone'),
  rule(CloseCode.HEARTBEAT_TIMEOUT, false, 'the connection went silent'),
  rule(
    CloseCode.TOO_MANY_CONNECTIONS,
    false,
    'the server has too many connections'
  ),
  rule(CloseCode.RATE, false, 'the server was called too often')
]);

const LOST: CloseRule = { final: false, sentence: 'the connection was lost' };

function rule(
  code: number,
  final: boolean,
  sentence: string
): readonly [number, CloseRule] {
  return [code, { final, sentence }];
}

/** Return whether a close with `code` is for good. 1000 from a proxy is not. */
export function isFinal(code: number): boolean {
  return (RULES.get(code) ?? LOST).final;
}

/** Return one sentence for people: the server's `reason`, or what `code` means. */
export function closeSentence(code: number, reason: string): string {
  const { sentence } = RULES.get(code) ?? LOST;
  if (code === CloseCode.NOT_ALLOWED && !/\blog in\b/.test(reason)) {
    return reason ? `${reason}: ${LOG_IN}` : sentence; // the remedy in any case
  }
  return reason || sentence;
}

/**
 * Delays between tries: full jitter below a ceiling that doubles.
 *
 * Jitter spreads the pages that lost one server at one time.
 */
export class ReconnectSchedule {
  private failures = 0;
  private sinceS: number | null = null;

  /** @param random - Uniform in [0, 1), such as `Math.random`. */
  constructor(private readonly random: () => number) {}

  /**
   * Return the seconds to wait before the next try.
   *
   * @param nowS - Monotonic time, seconds.
   * @param atLeastS - What the server asked for; 0 or less is nothing.
   */
  nextDelayS(nowS: number, atLeastS = 0): number {
    this.sinceS ??= nowS;
    const cap = nowS - this.sinceS >= LATE_S ? LATE_CEILING_S : CEILING_S;
    const ceiling = Math.min(FIRST_CEILING_S * 2 ** this.failures, cap);
    this.failures++;
    const delayS = this.random() * ceiling;
    // The server's wish is the same for all pages: jitter goes on top.
    return atLeastS > 0 ? atLeastS + delayS : delayS;
  }

  /** Start anew, after a connection that lasted. */
  reset(): void {
    this.failures = 0;
    this.sinceS = null;
  }
}
