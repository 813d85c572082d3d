import { ISessionContext } from '@jupyterlab/apputils';
import { Session } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { describe, expect, it } from 'vitest';

import { ContextKernel, PathKernel } from './kernelSource';

class Running {
  readonly runningChanged = new Signal<this, unknown>(this);
  models: { path: string; kernel: { id: string } | null }[] = [];
  running() {
    return this.models[Symbol.iterator]();
  }
  become(...models: [string, string | null][]): void {
    this.models = models.map(([path, id]) => ({
      path,
      kernel: id === null ? null : { id }
    }));
    this.runningChanged.emit(undefined);
  }
}

function follow(running: Running, path: string, kernelId: string | null) {
  const source = new PathKernel(
    running as unknown as Session.IManager,
    path,
    kernelId
  );
  const seen: string[] = [];
  source.changed.connect(() => seen.push(`${source.path} ${source.kernelId}`));
  return { source, seen };
}

describe('PathKernel', () => {
  it('waits for a kernel, and follows the change of it', () => {
    const running = new Running();
    const { source, seen } = follow(running, 'a.ipynb', null);
    expect(source.kernelId).toBeNull();
    running.become(['other.ipynb', 'k0'], ['a.ipynb', 'k1']);
    running.become(['a.ipynb', 'k1']);
    running.become(['a.ipynb', 'k2']);
    running.become();
    expect(seen).toEqual(['a.ipynb k1', 'a.ipynb k2', 'a.ipynb null']);
    expect(source.lastKernelId).toBe('k2');
  });

  it('follows a rename by the kernel', () => {
    const running = new Running();
    running.become(['a.ipynb', 'k1']);
    const { source, seen } = follow(running, 'a.ipynb', null);
    running.become(['b.ipynb', 'k1']);
    expect(seen).toEqual(['b.ipynb k1']);
    expect(source.path).toBe('b.ipynb');
  });

  it('finds after a reload what was renamed before it', () => {
    const running = new Running();
    running.become(['b.ipynb', 'k1']);
    expect(follow(running, 'a.ipynb', 'k1').source.path).toBe('b.ipynb');
  });

  it('prefers the path where both fit', () => {
    const running = new Running();
    running.become(['console', 'k1'], ['a.ipynb', 'k2'], ['c', 'k1']);
    expect(follow(running, 'a.ipynb', 'k1').source.kernelId).toBe('k2');
  });

  it('hears nothing once it is disposed', () => {
    const running = new Running();
    const { source, seen } = follow(running, 'a.ipynb', null);
    source.dispose();
    running.become(['a.ipynb', 'k1']);
    expect(seen).toEqual([]);
  });
});

describe('ContextKernel', () => {
  it('follows the kernel of its document until it is disposed', () => {
    const context = {
      path: 'a.ipynb',
      session: null
    } as Record<string, unknown>;
    const kernelChanged = new Signal<object, unknown>(context);
    const propertyChanged = new Signal<object, unknown>(context);
    Object.assign(context, { kernelChanged, propertyChanged });
    const source = new ContextKernel(context as unknown as ISessionContext);
    expect(source.kernelId).toBeNull();
    expect(source.path).toBe('a.ipynb');
    let count = 0;
    source.changed.connect(() => count++);
    context.session = { path: 'b.ipynb', kernel: { id: 'k1' } };
    kernelChanged.emit(undefined);
    expect([count, source.kernelId, source.path]).toEqual([1, 'k1', 'b.ipynb']);
    source.dispose();
    kernelChanged.emit(undefined);
    expect(count).toBe(1);
  });
});
