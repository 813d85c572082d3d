import { describe, expect, it } from 'vitest';

import { readViewAnswer, readViewChange } from './viewAnswer';

const answer = {
  name: 'm',
  title: 'M',
  where: 'cell',
  revision: 1,
  kind: 'module',
  source: 'export default {}',
  origin: 'm.js',
  files: 'm/key/1',
  error: ''
};

describe('readViewAnswer', () => {
  it('reads a view, and that there is none', () => {
    expect(readViewAnswer(answer)).toMatchObject({ title: 'M', revision: 1 });
    expect(readViewAnswer(null)).toBeNull();
    expect(readViewAnswer(undefined)).toBeNull();
  });

  it('reads a picture, which has no module', () => {
    const picture = { title: 'P', revision: 2, kind: 'picture' };
    expect(readViewAnswer(picture)).toEqual({
      ...picture,
      origin: '',
      files: ''
    });
  });

  it('refuses other kinds and shapes', () => {
    expect(() => readViewAnswer({ ...answer, kind: 'page' })).toThrow(
      'expected a view of kind "module" or "picture", got "page"'
    );
    expect(() => readViewAnswer({ ...answer, revision: '1' })).toThrow(
      'expected number, got string - at $.revision'
    );
  });
});

describe('readViewChange', () => {
  it('reads changes and passes over the rest', () => {
    expect(readViewChange({ name: 'm', revision: 2 })?.revision).toBe(2);
    expect(readViewChange({ name: 'm', revision: null })?.revision).toBeNull();
    for (const odd of [null, 3, {}, { name: 'm' }, { revision: 1 }]) {
      expect(readViewChange(odd)).toBeNull();
    }
  });
});
