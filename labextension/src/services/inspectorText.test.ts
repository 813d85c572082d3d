import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { ILogEntry } from './callLog';
import { readSessions } from './inspectReports';
import {
  durationText,
  medianSplit,
  rateText,
  sessionLines,
  sessionName,
  sizeText,
  topicText
} from './inspectorText';

const trans = nullTranslator.load('test');

describe('figures', () => {
  it('have three digits or so, and a unit', () => {
    expect([0.00004, 0.0123, 4.567].map(durationText)).toEqual([
      '0.04 ms',
      '12.3 ms',
      '4.57 s'
    ]);
    expect([0, 1023, 3500, 2 ** 30 * 5000].map(sizeText)).toEqual([
      '0 B',
      '1023 B',
      '3.4 KiB',
      '5000 GiB'
    ]);
    expect([0, 0.4, 60.2].map(rateText)).toEqual(['0', '0.4', '60']);
  });
});

describe('topicText', () => {
  it('tells of a size where there is one', () => {
    const topic = { topic: 't', valuesPerS: 2, bytesPerS: 2048, lastText: '' };
    expect(topicText({ ...topic, lastBytes: 1024, listeners: 2 }, trans)).toBe(
      '2.0 Hz · 2.0 KiB/s · last 1.0 KiB · 2 listeners'
    );
    expect(topicText({ ...topic, lastBytes: null, listeners: 0 }, trans)).toBe(
      '2.0 Hz · nobody listens'
    );
  });
});

describe('sessionLines', () => {
  it('tells of ours and of stock clients', () => {
    const [own, stock] = readSessions({
      own: 'c2',
      sessions: [
        { id: 'c1', client: '', user: '', subscriptions: null, rtt_s: null },
        { id: 'c2', client: 'x', user: 'ada', subscriptions: 1, rtt_s: 0.002 }
      ]
    });
    expect(sessionName(own, trans)).toBe('This page (ada)');
    expect(sessionLines(own, trans)[0]).toBe(
      'round trip 2.00 ms · 0 calls · 1 topic'
    );
    expect(sessionName(stock, trans)).toBe('stock client');
    expect(sessionLines(stock, trans)[0]).toBe(
      'round trip unknown · 0 calls · all topics'
    );
  });
});

describe('medianSplit', () => {
  it('is that of the calls that have one', () => {
    const entry = (thereS: number | null): ILogEntry => ({
      kernelId: 'k',
      method: 'm',
      timeS: 0,
      durationS: 1,
      error: null,
      split:
        thereS === null ? null : { thereS, queueS: 0, handlerS: 1, backS: 0 }
    });
    expect(medianSplit([entry(null)])).toBeNull();
    expect(
      medianSplit([entry(9), entry(null), entry(1), entry(2)])
    ).toMatchObject({ thereS: 2, handlerS: 1 });
  });
});
