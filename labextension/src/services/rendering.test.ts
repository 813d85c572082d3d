import { describe, expect, it, vi } from 'vitest';

import { settle } from '../testing/fakeSession';
import { Rendering } from './rendering';
import { IRenderContext } from './viewModule';

const context = {} as IRenderContext;

function mounted(): Rendering {
  const host = document.createElement('div');
  const el = document.createElement('div');
  host.append(el);
  return new Rendering(el);
}

describe('Rendering', () => {
  it('stops without cleaning up, then cleans up once', async () => {
    const rendering = mounted();
    const cleanup = vi.fn();
    await rendering.run(async () => cleanup, context);
    rendering.stop();
    expect(rendering.signal.aborted).toBe(true);
    expect(cleanup).not.toHaveBeenCalled();
    expect(rendering.el.isConnected || rendering.el.parentNode).toBeTruthy();
    rendering.dispose();
    rendering.dispose();
    expect(cleanup).toHaveBeenCalledTimes(1);
    expect(rendering.el.parentNode).toBeNull();
  });

  it('cleans up after a render that ends when all is over', async () => {
    const rendering = mounted();
    const cleanup = vi.fn();
    let end = (_: unknown): void => {};
    const run = rendering.run(
      () => new Promise(resolve => (end = resolve)),
      context
    );
    rendering.dispose();
    end(cleanup);
    await run;
    expect(cleanup).toHaveBeenCalledTimes(1);
  });

  it('fails with its render, unless it was cut off', async () => {
    const failing = mounted();
    const render = async (): Promise<void> => {
      await Promise.resolve();
      throw new Error('no');
    };
    await expect(failing.run(render, context)).rejects.toThrow('no');
    const cut = mounted();
    const run = cut.run(render, context);
    cut.stop();
    await expect(run).resolves.toBeUndefined();
  });

  it('survives a failing cleanup', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const rendering = mounted();
    await rendering.run(
      () => () => {
        throw new Error('no');
      },
      context
    );
    rendering.dispose();
    await settle();
    expect(warn).toHaveBeenCalledTimes(1);
  });
});
