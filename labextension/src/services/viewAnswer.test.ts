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
    expect(readViewAnswer(answer)).toHaveProperty('source', answer.source);
    expect(readViewAnswer(null)).toBeNull();
    expect(readViewAnswer(undefined)).toBeNull();
  });

  it('reads a page, which has no source', () => {
    const page = { ...answer, kind: 'page', source: undefined };
    expect(readViewAnswer(page)).toEqual({
      kind: 'page',
      title: 'M',
      revision: 1,
      origin: 'm.js',
      files: 'm/key/1',
      error: ''
    });
  });

  it('reads a picture, which has no source', () => {
    const picture = {
      ...answer,
      kind: 'picture',
      source: undefined,
      files: ''
    };
    expect(readViewAnswer(picture)).toEqual({
      kind: 'picture',
      title: 'M',
      revision: 1,
      origin: 'm.js',
      files: '',
      error: ''
    });
  });

  it('reads an application, which is at an endpoint of its own', () => {
    const app = {
      endpoint: 'trame_1',
      query: 'ui=main',
      width: '',
      height: '600px'
    };
    const view = { ...answer, ...app, kind: 'app', source: undefined };
    expect(readViewAnswer(view)).toMatchObject({ kind: 'app', ...app });
    expect(() => readViewAnswer({ ...view, query: null })).toThrow(
      'expected string, got object - at $.query'
    );
  });

  it('refuses other kinds and shapes', () => {
    expect(() => readViewAnswer({ ...answer, kind: 'game' })).toThrow(
      'expected a view of kind "module", "page", "picture" or "app", got "game"'
    );
    expect(() => readViewAnswer({ ...answer, source: undefined })).toThrow(
      'expected string, got undefined - at $.source'
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
