import { describe, expect, it } from 'vitest';

import { panelKey, placeOf } from './placement';

const lab = { splits: true, right: true };
const notebook7 = { splits: false, right: true };
const bare = { splits: false, right: false };

describe('placeOf', () => {
  it.each(['split-right', 'split-bottom', 'tab-after'] as const)(
    'puts %s beside the notebook in JupyterLab',
    where => {
      expect(placeOf(where, lab, 'nb')).toEqual({
        area: 'main',
        options: { ref: 'nb', mode: where, activate: false }
      });
    }
  );

  it('splits for a view of the cell whose panel was asked for', () => {
    expect(placeOf('cell', lab, 'nb')?.options.mode).toBe('split-right');
  });

  it('leaves the place to the shell where the notebook is not known', () => {
    expect(placeOf('split-right', lab, undefined)).toEqual({
      area: 'main',
      options: { activate: false }
    });
  });

  it('uses the right area of Notebook 7, else the cell', () => {
    expect(placeOf('split-bottom', notebook7, 'nb')?.area).toBe('right');
    expect(placeOf('split-right', bare, 'nb')).toBeNull();
  });
});

describe('panelKey', () => {
  it('differs for every pair of path and name', () => {
    expect(panelKey('a.ipynb', 'm')).toBe(panelKey('a.ipynb', 'm'));
    expect(panelKey('a:b', 'c')).not.toBe(panelKey('a', 'b:c'));
    expect(panelKey('a', 'm')).not.toBe(panelKey('b', 'm'));
  });
});
