import { describe, expect, it } from 'vitest';

import { NdArray } from '../wire/arrays';
import { arrayText, summarize } from './valueSummary';

describe('summarize', () => {
  it('shows as JSON what is JSON', () => {
    const value = { a: [1, 'x', null, true], b: {} };
    expect(summarize(value)).toEqual({
      text: JSON.stringify(value, null, 2),
      pictures: []
    });
    expect(summarize(undefined).text).toBe('null');
  });

  it('shows what JSON has not, in words', () => {
    const value = {
      big: 2n ** 60n,
      nan: NaN,
      when: new Date(0),
      bytes: new Uint8Array(3),
      array: new NdArray('<f4', [3], new Float32Array([0.1, NaN, -2]))
    };
    expect(JSON.parse(summarize(value).text)).toEqual({
      big: '1152921504606846976',
      nan: 'NaN',
      when: '1970-01-01T00:00:00.000Z',
      bytes: '3 bytes',
      array: '<f4 [3], -2 to 0.1: 0.1, NaN, -2'
    });
  });

  it('is bounded', () => {
    const list = JSON.parse(
      summarize(Array.from({ length: 1000 }, (_, index) => index)).text
    ) as unknown[];
    expect([list.length, list[100]]).toEqual([101, '… 900 more']);
    const entries = Array.from({ length: 150 }, (_, index) => [`k${index}`, 1]);
    const object = JSON.parse(summarize(Object.fromEntries(entries)).text);
    expect(object['…']).toBe(50);
    expect(summarize('x'.repeat(1e6)).text).toHaveLength(20_001);
  });

  it('finds pictures wherever they are', () => {
    const png = new Uint8Array([0x89, 80, 78, 71, 13, 10, 26, 10, 0]);
    const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0]);
    const rgb = new NdArray(
      '|u1',
      [1, 2, 3],
      new Uint8Array([1, 2, 3, 4, 5, 6])
    );
    const { pictures } = summarize({ png, list: [jpeg], rgb });
    expect(pictures).toEqual([
      { type: 'file', mimeType: 'image/png', bytes: png },
      { type: 'file', mimeType: 'image/jpeg', bytes: jpeg },
      {
        type: 'pixels',
        widthPx: 2,
        heightPx: 1,
        rgba: new Uint8ClampedArray([1, 2, 3, 255, 4, 5, 6, 255])
      }
    ]);
    const other = new NdArray('|u1', [1, 2, 2], new Uint8Array(4));
    expect(summarize([other, 'PNG']).pictures).toEqual([]);
  });
});

describe('arrayText', () => {
  it.each([
    [new NdArray('<f8', [0, 2], new Float64Array(0)), '<f8 [0, 2]'],
    [
      new NdArray('<i8', [2], new BigInt64Array([5n, -1n])),
      '<i8 [2], -1 to 5: 5, -1'
    ],
    [new NdArray('<c8', [1], new Float32Array([1, 2])), '<c8 [1]: 1, 2'],
    [
      new NdArray('|u1', [2, 4], new Uint8Array([1, 2, 3, 4, 5, 6, 7, 0])),
      '|u1 [2, 4], 0 to 7: 1, 2, 3, 4, 5, 6, …'
    ]
  ])('is a line', (array, text) => {
    expect(arrayText(array)).toBe(text);
  });
});
