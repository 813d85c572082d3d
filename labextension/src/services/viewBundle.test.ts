import { describe, expect, it } from 'vitest';

import { asPlacement, readViewBundle } from './viewBundle';

const bundle = {
  protocol: 1,
  version: '0.1.0',
  name: 'membrane',
  title: 'Membrane',
  where: 'split-right',
  show_id: '0'.repeat(32),
  epoch: '1'.repeat(32)
};

describe('readViewBundle', () => {
  it('reads a bundle', () => {
    expect(readViewBundle(bundle)).toEqual({
      name: 'membrane',
      title: 'Membrane',
      where: 'split-right',
      epoch: '1'.repeat(32)
    });
    expect(readViewBundle({ ...bundle, epoch: 7 }).epoch).toBeNull();
  });

  it('falls back to the name for a title and to the cell for a place', () => {
    const odd = readViewBundle({ ...bundle, title: '', where: 'sky' });
    expect(odd.title).toBe('membrane');
    expect(odd.where).toBe('cell');
    expect(asPlacement(undefined)).toBe('cell');
  });

  it.each([
    [null, 'got null'],
    [['a'], 'got array'],
    ['x', 'got string'],
    [{ ...bundle, name: '' }, 'at $.name'],
    [{ ...bundle, name: 3 }, 'got 3 - at $.name']
  ])('refuses %j', (data, sentence) => {
    expect(() => readViewBundle(data)).toThrow(sentence);
  });

  it('says which side to upgrade when the protocols differ', () => {
    const newer = { ...bundle, protocol: 2, version: '9.0' };
    expect(() => readViewBundle(newer)).toThrow(
      /got 2 \(wslink_jupyter 9.0\): upgrade .* environment of Jupyter Server/
    );
    expect(() => readViewBundle({ ...bundle, protocol: 0 })).toThrow(
      'environment of the kernel'
    );
    expect(() => readViewBundle({})).toThrow('got nothing');
  });
});
