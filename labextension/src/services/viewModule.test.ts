import { describe, expect, it } from 'vitest';

import {
  findRender,
  importModule,
  IRenderContext,
  moduleLabel,
  sourceUrl
} from './viewModule';

const context = { el: 'el' } as unknown as IRenderContext;

describe('findRender', () => {
  it('finds the render of a default object, called as its method', () => {
    const main = {
      word: 'mine',
      render(this: { word: string }) {
        return this.word;
      }
    };
    expect(findRender({ default: main }, 'm.js')(context)).toBe('mine');
  });

  it('finds a named render and a default function', () => {
    const render = (given: IRenderContext): unknown => given.el;
    expect(findRender({ render }, 'm.js')(context)).toBe('el');
    expect(findRender({ default: render }, 'm.js')(context)).toBe('el');
  });

  it('prefers a named render to a default function', () => {
    const exports = { default: () => 'default', render: () => 'named' };
    expect(findRender(exports, 'm.js')(context)).toBe('named');
  });

  it.each([
    [{}, 'got no export'],
    [undefined, 'got no export'],
    [{ default: { render: 1 }, draw: 2 }, 'got the exports default, draw'],
    [{ default: 3 }, 'got the exports default']
  ])('says what is missing in %j', (exports, sentence) => {
    expect(() => findRender(exports, 'm.js')).toThrow(sentence);
    expect(() => findRender(exports, 'm.js')).toThrow('expected m.js to have');
  });
});

describe('importModule', () => {
  it('names the module by its label, not by the URL of its text', async () => {
    const url = 'blob:http://h/1234';
    URL.createObjectURL = () => url;
    URL.revokeObjectURL = () => undefined;
    // Node cannot import such a URL, and says so with the URL.
    const error = await importModule('export {}', 'my view.js').catch(
      (thrown: unknown) => thrown
    );
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toContain('my view.js');
    expect((error as Error).message).not.toContain('blob:');
  });
});

describe('moduleLabel', () => {
  it('is the file without its folders, or made of the name', () => {
    expect(moduleLabel('/home/me/membrane.js', 'm')).toBe('membrane.js');
    expect(moduleLabel('C:\\views\\membrane.js', 'm')).toBe('membrane.js');
    expect(moduleLabel('', 'm')).toBe('m.js');
  });

  it('makes a name without spaces for stack traces', () => {
    expect(sourceUrl('my view.js')).toBe('wslink-jupyter/my%20view.js');
  });
});
