import { describe, expect, it } from 'vitest';

import { CallSplitter, ICallSplit, readCallTiming } from './callSplit';

/** A call as two clocks see it, of which the kernel's is ahead. */
function split(
  splitter: CallSplitter,
  parts: readonly [number, number, number, number],
  { beganS = 10, aheadS = 5000 } = {}
): ICallSplit {
  const [thereS, queueS, handlerS, backS] = parts;
  const receivedS = beganS + thereS + aheadS;
  const startedS = receivedS + queueS;
  const endedS = startedS + handlerS;
  return splitter.split(
    { id: 'a', receivedS, startedS, endedS },
    beganS,
    endedS - aheadS + backS
  );
}

function expectParts(
  { thereS, queueS, handlerS, backS }: ICallSplit,
  parts: readonly number[]
): void {
  [thereS, queueS, handlerS, backS].forEach((part, index) =>
    expect(part).toBeCloseTo(parts[index], 6)
  );
}

describe('CallSplitter', () => {
  it('halves the way of the first call', () => {
    expectParts(
      split(new CallSplitter(), [0.001, 0.2, 0.3, 0.003]),
      [0.002, 0.2, 0.3, 0.002]
    );
  });

  it('knows the clock as well as the quickest calls tell', () => {
    const splitter = new CallSplitter();
    split(splitter, [0.001, 0, 0.001, 0.001]);
    expectParts(
      split(splitter, [0.05, 0, 0.1, 0.3], { beganS: 11 }),
      [0.05, 0, 0.1, 0.3]
    );
    expectParts(
      split(splitter, [0.0004, 0, 0, 0.0012], { beganS: 12 }),
      [0.0007, 0, 0, 0.0009] // one bound each by this call and the first
    );
  });

  it('begins anew with another clock', () => {
    const splitter = new CallSplitter();
    split(splitter, [0.001, 0, 0.001, 0.001]);
    expectParts(
      split(splitter, [0.002, 0.1, 0, 0.002], { aheadS: 7 }),
      [0.002, 0.1, 0, 0.002]
    );
  });
});

describe('readCallTiming', () => {
  it('takes what the kernel sends, and nothing else', () => {
    const value = { id: 'rpc:c:1', received_s: 1, started_s: 2, ended_s: 3 };
    expect(readCallTiming(value)).toEqual({
      id: 'rpc:c:1',
      receivedS: 1,
      startedS: 2,
      endedS: 3
    });
    for (const bad of [null, 1, {}, { ...value, started_s: null }]) {
      expect(readCallTiming(bad)).toBeNull();
    }
  });
});
