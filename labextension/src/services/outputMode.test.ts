import { describe, expect, it } from 'vitest';

import { outputMode } from './outputMode';

const panel = {
  hasDocument: true,
  isAllowed: true,
  where: 'split-right',
  canOpenPanel: true
} as const;

describe('outputMode', () => {
  it('links to the panel, or shows the view where there is no place for one', () => {
    expect(outputMode(panel)).toBe('link');
    expect(outputMode({ ...panel, canOpenPanel: false })).toBe('live');
    expect(outputMode({ ...panel, where: 'cell' })).toBe('live');
  });

  it('never gets further than a button where the output is not trusted', () => {
    for (const where of ['cell', 'split-right'] as const) {
      expect(outputMode({ ...panel, where, isAllowed: false })).toBe('connect');
    }
  });

  it('shows the picture alone outside of documents with a kernel', () => {
    expect(outputMode({ ...panel, hasDocument: false })).toBe('still');
    expect(outputMode({ ...panel, hasDocument: false, isAllowed: false })).toBe(
      'still'
    );
  });
});
