import { ISessionContext } from '@jupyterlab/apputils';
import { Session } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { describe, expect, it } from 'vitest';

import { ContextKernel, PathKernel } from './kernelSource';

/** Rows of id, path, kernel. */
type Row = [string, string, string | null];

class Running {
  readonly runningChanged = new Signal<this, unknown>(this);
  models: { id: string; path: string; kernel: { id: string } | null }[] = [];
  running() {
    return this.models[Symbol.iterator]();
  }
  become(...rows: Row[]): void {
    this.models = rows.map(([id, path, kernelId]) => ({
      id,
      path,
      kernel: kernelId === null ? null : { id: kernelId }
    }));
    this.runningChanged.emit(undefined);
  }
}

function follow(running: Running, path: string, sessionId: string | null) {
  const source = new PathKernel(
    running as unknown as Session.IManager,
    path,
    sessionId
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
    running.become(['s0', 'other.ipynb', 'k0'], ['s1', 'a.ipynb', 'k1']);
    running.become(['s1', 'a.ipynb', 'k1']);
    running.become(['s1', 'a.ipynb', 'k2']);
    running.become();
    expect(seen).toEqual(['a.ipynb k1', 'a.ipynb k2', 'a.ipynb null']);
    expect(source.sessionId).toBe('s1');
    running.become(['s2', 'a.ipynb', 'k3']);
    expect(source.kernelId).toBe('k3');
    expect(source.sessionId).toBe('s2');
  });

  it('follows a rename by the session', () => {
    const running = new Running();
    running.become(['s1', 'a.ipynb', 'k1']);
    const { source, seen } = follow(running, 'a.ipynb', null);
    running.become(['s1', 'b.ipynb', 'k1']);
    expect(seen).toEqual(['b.ipynb k1']);
    expect(source.path).toBe('b.ipynb');
  });

  it('finds after a reload what was renamed before it', () => {
    const running = new Running();
    running.become(['s1', 'b.ipynb', 'k1']);
    expect(follow(running, 'a.ipynb', 's1').source.path).toBe('b.ipynb');
  });

  it('is not misled by another notebook of the same kernel', () => {
    const running = new Running();
    running.become(['s1', 'a.ipynb', 'k1'], ['s2', 'b.ipynb', 'k1']);
    const { source, seen } = follow(running, 'a.ipynb', null);
    running.become(['s1', 'c.ipynb', 'k1'], ['s2', 'b.ipynb', 'k1']);
    expect(seen).toEqual(['c.ipynb k1']);
    running.become(['s2', 'b.ipynb', 'k1']);
    expect(source.path).toBe('c.ipynb');
    expect(source.kernelId).toBeNull();
  });

  it('follows the document when another one takes its old path', () => {
    const running = new Running();
    running.become(['s1', 'a.ipynb', 'k1']);
    const { seen } = follow(running, 'a.ipynb', null);
    running.become(['s2', 'a.ipynb', 'k2'], ['s1', 'b.ipynb', 'k1']);
    expect(seen).toEqual(['b.ipynb k1']);
  });

  it('hears nothing once it is disposed', () => {
    const running = new Running();
    const { source, seen } = follow(running, 'a.ipynb', null);
    source.dispose();
    running.become(['s1', 'a.ipynb', 'k1']);
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
