import { beforeEach, describe, expect, it, vi } from 'vitest';

import { CallState } from '../session/types';
import { settle } from '../testing/fakeSession';
import { Scene, sourceOf } from '../testing/viewScene';
import { GET_VIEW, VIEWS_CHANGED } from './viewAnswer';

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});

/** What the browser does about a rejection that nobody handles. */
function reject(reason: unknown): Event {
  const event = new Event('unhandledrejection', { cancelable: true });
  window.dispatchEvent(Object.assign(event, { reason }));
  return event;
}

describe('LiveView', () => {
  it('renders what the kernel has, with its title', async () => {
    const scene = new Scene();
    const titles: string[] = [];
    scene.live.titleChanged.connect((_, title) => titles.push(title));
    await scene.bind();
    expect(scene.text).toBe('revision 1');
    expect(scene.stage.notice).toBeNull();
    expect(titles).toEqual(['Membrane']);
    expect(scene.renders[0].view.revision).toBe(1);
    expect(scene.renders[0].api).toBe(scene.renders[0].session.api);
  });

  it('waits for the session to open', async () => {
    const scene = new Scene();
    scene.session.status = { ...scene.session.status, state: 'connecting' };
    await scene.bind();
    expect(scene.session.calls).toEqual([]);
    expect(scene.stage.notice?.text).toContain('Connecting');
    await scene.comeBack('e1');
    expect(scene.text).toBe('revision 1');
  });

  it('reloads a saved file: ends the old rendering, keeps one', async () => {
    const scene = new Scene();
    const cleanup = vi.fn();
    scene.render = ({ el, session }) => {
      el.textContent = `revision ${scene.revision}`;
      session.subscribe('t', () => {});
      return cleanup;
    };
    await scene.bind();
    const held = scene.session.held;
    await scene.save(2);
    expect(scene.renders[0].signal.aborted).toBe(true);
    expect(cleanup).toHaveBeenCalledTimes(1);
    expect(scene.text).toBe('revision 2');
    expect(scene.session.held).toBe(held);
  });

  it('passes over other views and what it already shows', async () => {
    const scene = new Scene();
    await scene.bind();
    scene.session.publish(VIEWS_CHANGED, { name: 'other', revision: 9 });
    scene.session.publish(VIEWS_CHANGED, 'odd');
    await scene.save(1);
    expect(scene.session.calls.length).toBe(1);
  });

  it('keeps the working view when the saved file is no module', async () => {
    const scene = new Scene();
    await scene.bind();
    const good = scene.importing;
    scene.importing = () => Promise.reject(new SyntaxError('bad'));
    await scene.save(2);
    expect(scene.stage.error?.summary).toBe('SyntaxError: bad');
    expect(scene.renders[0].signal.aborted).toBe(false);
    expect(scene.text).toBe('revision 1');
    scene.importing = async () => ({ draw: 1 });
    await scene.save(3);
    expect(scene.stage.error?.summary).toContain('expected m.js to have');
    scene.importing = good;
    await scene.save(4);
    expect(scene.stage.error).toBeNull();
    expect(scene.text).toBe('revision 4');
  });

  it('shows why render failed, at once or later, and recovers', async () => {
    const scene = new Scene();
    scene.render = async ({ el }) => {
      el.textContent = 'half';
      await Promise.resolve();
      throw new Error('no data');
    };
    await scene.bind();
    expect(scene.stage.error?.summary).toBe('Error: no data');
    expect(scene.text).toBe('');
    expect(scene.renders[0].signal.aborted).toBe(true);
    scene.render = ({ el }) => {
      el.textContent = 'well';
    };
    await scene.save(2);
    expect(scene.stage.error).toBeNull();
    expect(scene.text).toBe('well');
  });

  it('shows what a subscriber throws and goes on', async () => {
    const scene = new Scene();
    scene.render = ({ session }) => {
      session.subscribe('u', () => {
        throw new RangeError('too big');
      });
    };
    await scene.bind();
    scene.session.publish('u', 1);
    expect(scene.stage.error?.summary).toBe('RangeError: too big');
    expect(scene.renders[0].signal.aborted).toBe(false);
  });

  it('shows the error of a call that the view did not catch', async () => {
    const scene = new Scene();
    scene.session.procedures.set('p', () => {
      throw new RangeError('too big');
    });
    const errors: unknown[] = [];
    scene.render = async ({ api }) => {
      await api.p().catch((error: unknown) => errors.push(error));
    };
    await scene.bind();
    expect(scene.stage.error).toBeNull();
    const event = reject(errors[0]);
    expect(event.defaultPrevented).toBe(true);
    expect(scene.stage.error?.summary).toBe('RangeError: too big');
    expect(scene.renders[0].signal.aborted).toBe(false);
    // Of no view: the browser's console tells.
    scene.stage.error = null;
    expect(reject(new RangeError('too big')).defaultPrevented).toBe(false);
    expect(scene.stage.error).toBeNull();
  });

  it('is silent about the calls of a rendering that has ended', async () => {
    vi.useFakeTimers();
    const scene = new Scene();
    const removed = vi.spyOn(window, 'removeEventListener');
    scene.session.procedures.set('p', () => {
      throw new DOMException('the view has ended', 'AbortError');
    });
    const errors: unknown[] = [];
    scene.render = async ({ api }) => {
      await api.p().catch((error: unknown) => errors.push(error));
    };
    await scene.bind();
    await scene.save(2);
    const warn = vi.mocked(console.warn);
    warn.mockClear();
    // What the end of a rendering rejects, the browser tells of later.
    vi.advanceTimersByTime(500);
    expect(reject(errors[0]).defaultPrevented).toBe(true);
    expect(scene.stage.error).toBeNull();
    expect(warn).not.toHaveBeenCalled();
    scene.live.dispose();
    vi.advanceTimersByTime(5000);
    expect(removed.mock.calls.map(([type]) => type)).toEqual([
      'unhandledrejection',
      'unhandledrejection'
    ]);
    expect(reject(errors[0]).defaultPrevented).toBe(false);
    vi.useRealTimers();
  });

  it('logs no token', async () => {
    const scene = new Scene();
    scene.render = () => {
      throw new Error('cannot fetch a.js?token=s3cret');
    };
    await scene.bind();
    const logged = String(vi.mocked(console.warn).mock.calls);
    expect(logged).toContain('cannot fetch a.js?token=…');
    expect(scene.stage.error?.summary).not.toContain('s3cret');
  });

  it('shows what a listener of the status throws', async () => {
    const scene = new Scene();
    scene.render = ({ session }) => {
      session.onStatus(() => {
        throw new RangeError('too busy');
      });
    };
    await scene.bind();
    scene.session.become({ kernel: 'busy' });
    expect(scene.stage.error?.summary).toBe('RangeError: too busy');
  });

  it('gives the files of the kernel that it is bound to', async () => {
    const scene = new Scene();
    await scene.bind();
    expect(scene.renders[0].view.url('a.js')).toBe('files/m/key/1/a.js');
    scene.live.bind(
      {
        ...sourceOf(scene.newSession()),
        fileUrl: path => `other/${path}`
      },
      ''
    );
    await settle();
    expect(scene.renders[1].view.url('a.js')).toBe('other/m/key/1/a.js');
    expect(scene.renders[0].view.url('a.js')).toBe('files/m/key/1/a.js');
  });

  it('of an earlier kernel start is greyed, whatever has its name now', async () => {
    const scene = new Scene('e0');
    await scene.bind();
    expect(scene.renders).toEqual([]);
    expect(scene.session.calls).toEqual([]);
    expect(scene.stage.isStale).toBe(true);
    expect(scene.stage.notice?.text).toContain('run the cell again');
    for (const revision of [2, null, 3]) {
      await scene.save(revision);
      expect(scene.renders).toEqual([]);
      expect(scene.stage.notice?.text).toContain('run the cell again');
    }
  });

  it('of this kernel start is greyed when the next one comes', async () => {
    const scene = new Scene('e1');
    await scene.bind();
    expect(scene.text).toBe('revision 1');
    scene.session.become({ state: 'waiting' });
    await scene.comeBack('e1');
    expect(scene.renders.length).toBe(1);
    await scene.restart();
    await scene.comeBack('e2');
    expect(scene.renders.length).toBe(1);
    expect(scene.stage.isStale).toBe(true);
    expect(scene.stage.notice?.text).toContain('run the cell again');
    expect(scene.text).toBe('revision 1');
  });

  it('shows why the file cannot be read', async () => {
    const scene = new Scene();
    scene.error = 'm.js is missing';
    await scene.bind();
    expect(scene.stage.error?.summary).toBe('m.js is missing');
  });

  it('greys out on restart, waits for the cells, binds again in place', async () => {
    const scene = new Scene();
    await scene.bind();
    await scene.restart();
    expect(scene.stage.isStale).toBe(true);
    expect(scene.text).toBe('revision 1');
    expect(scene.renders[0].signal.aborted).toBe(true);
    expect(scene.stage.notice?.text).toContain('Kernel restarted');

    scene.revision = null; // the extension is loaded, the cell not yet run
    await scene.comeBack('e2');
    expect(scene.stage.isStale).toBe(true);
    expect(scene.stage.notice?.text).toContain('run the cell with wl.show');

    await scene.save(1); // the same number as before the restart
    expect(scene.stage.isStale).toBe(false);
    expect(scene.stage.notice).toBeNull();
    expect(scene.renders.length).toBe(2);
    expect(scene.stage.host.childElementCount).toBe(1);
  });

  it('notices a restart that nobody told of', async () => {
    const scene = new Scene();
    await scene.bind();
    scene.session.become({ state: 'waiting' });
    await scene.comeBack('e2');
    expect(scene.renders.length).toBe(2);
    expect(scene.renders[0].signal.aborted).toBe(true);
  });

  it('leaves the view alone when only the connection was lost', async () => {
    const scene = new Scene();
    await scene.bind();
    scene.session.become({ state: 'waiting' });
    expect(scene.stage.notice?.text).toContain('Connection lost');
    expect(scene.stage.isStale).toBe(false);
    await scene.comeBack('e1');
    expect(scene.renders.length).toBe(1);
    expect(scene.renders[0].signal.aborted).toBe(false);
    expect(scene.stage.notice).toBeNull();
  });

  it('renders after a flap in the middle of an import', async () => {
    const scene = new Scene();
    const good = scene.importing;
    scene.importing = async (source, label) => {
      if (scene.session.status.state === 'open') {
        scene.importing = good;
        scene.session.become({ state: 'waiting' });
        scene.session.become({ state: 'open' });
      }
      await settle();
      return good(source, label);
    };
    await scene.bind();
    await settle();
    expect(scene.text).toBe('revision 1');
    expect(scene.stage.host.childElementCount).toBe(1);
  });

  it('is silent about a call cut off by the connection', async () => {
    const scene = new Scene();
    scene.session.procedures.set(GET_VIEW, () => {
      scene.session.become({ state: 'waiting' });
      throw new Error('connection lost');
    });
    await scene.bind();
    expect(scene.stage.error).toBeNull();
  });

  it('shows that the kernel is busy only while the session is open', async () => {
    const scene = new Scene();
    await scene.bind();
    scene.session.become({ kernel: 'busy' });
    expect(scene.stage.isBusy).toBe(true);
    scene.session.become({ state: 'waiting' });
    expect(scene.stage.isBusy).toBe(false);
  });

  it('tells how many calls of the view wait, until its kernel is lost', async () => {
    const scene = new Scene();
    scene.session.procedures.set('slow', () => new Promise(() => {}));
    scene.render = ({ api }) => void api.slow();
    const tellLast = (state: CallState, reason: string): unknown =>
      scene.session.calls.at(-1)?.options.onState?.(state, reason);
    await scene.bind();
    tellLast('queued', 'why');
    expect(scene.stage.waiting).toEqual([1, 'why']);
    tellLast('running', '');
    expect(scene.stage.waiting).toEqual([0, '']);
    tellLast('queued', 'why');
    await scene.save(2); // the call was the last rendering's
    expect(scene.stage.waiting).toEqual([0, '']);
    tellLast('queued', 'why');
    expect(scene.stage.waiting).toEqual([1, 'why']);
    scene.session.become({ state: 'waiting', kernel: 'restarted' });
    expect(scene.stage.waiting).toEqual([0, '']);
  });

  it('tells when Python closed the view, and shows it again', async () => {
    const scene = new Scene();
    await scene.bind();
    await scene.save(null);
    expect(scene.stage.notice?.text).toContain('was closed by the notebook');
    expect(scene.stage.isStale).toBe(true);
    expect(scene.renders[0].signal.aborted).toBe(true);
    await scene.save(2);
    expect(scene.stage.notice).toBeNull();
    expect(scene.text).toBe('revision 2');
  });

  it('moves to another session, and waits where there is none', async () => {
    const scene = new Scene();
    await scene.bind();
    scene.live.bind(null, 'waiting for the kernel of a.ipynb');
    expect(scene.session.held).toBe(0);
    expect(scene.stage.isStale).toBe(true);
    expect(scene.stage.notice?.text).toContain('a.ipynb');
    const next = scene.newSession();
    scene.live.bind(sourceOf(next), '');
    await settle();
    expect(scene.renders.length).toBe(2);
    expect(scene.stage.isStale).toBe(false);
    expect(next.held).toBeGreaterThan(0);
  });

  it('leaves nothing behind', async () => {
    const scene = new Scene();
    const cleanup = vi.fn();
    scene.render = () => cleanup;
    await scene.bind();
    scene.live.dispose();
    expect(cleanup).toHaveBeenCalledTimes(1);
    expect(scene.session.held).toBe(0);
    expect(scene.stage.host.childElementCount).toBe(0);
    expect(scene.session.isClosed).toBe(false);
  });

  it('renders nothing when it is disposed during the import', async () => {
    const scene = new Scene();
    const good = scene.importing;
    scene.importing = async (source, label) => {
      scene.live.dispose();
      return good(source, label);
    };
    await scene.bind();
    expect(scene.renders).toEqual([]);
    expect(scene.stage.error).toBeNull();
  });
});
