import { JupyterFrontEnd } from '@jupyterlab/application';
import { Session } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { MessageLoop } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { describe, expect, it } from 'vitest';

import { KernelSessions } from '../services/kernelSessions';
import { GET_VIEW } from '../services/viewAnswer';
import { ViewTheme } from '../services/viewTheme';
import { FakeSession, settle } from '../testing/fakeSession';
import { readPanelArgs } from './viewPanel';
import { ViewPanels } from './viewPanels';

class Running {
  readonly runningChanged = new Signal<this, unknown>(this);
  models = [{ id: 's1', path: 'a.ipynb', kernel: { id: 'k1' } }];
  running() {
    return this.models[Symbol.iterator]();
  }
}

class Shell {
  readonly added: [Widget, string, unknown][] = [];
  readonly activated: string[] = [];
  add(widget: Widget, area: string, options: unknown): void {
    this.added.push([widget, area, options]);
    Widget.attach(widget, document.body);
  }
  activateById(id: string): void {
    this.activated.push(id);
  }
}

function scene(splits = true) {
  const opened: FakeSession[] = [];
  const sessions = new KernelSessions(
    () => {
      const session = new FakeSession();
      session.procedures.set(GET_VIEW, () => ({
        title: 'From the kernel',
        revision: 1,
        kind: 'module',
        source: '',
        origin: '',
        files: '',
        error: ''
      }));
      opened.push(session);
      return session;
    },
    (kernelId, path) => `${kernelId}:${path}`
  );
  const running = new Running();
  const shell = new Shell();
  const panels = new ViewPanels(
    {
      sessions,
      theme: new ViewTheme(null),
      importModule: async () => ({ render: () => undefined }),
      trans: nullTranslator.load('wslink_jupyter')
    },
    running as unknown as Session.IManager,
    shell as unknown as JupyterFrontEnd.IShell,
    { splits, right: true }
  );
  return { opened, sessions, running, shell, panels };
}

const args = {
  path: 'a.ipynb',
  name: 'm',
  title: 'Membrane',
  sessionId: 's1'
};
const beside = { where: 'split-right', ref: 'nb', focus: 'if-hidden' } as const;

describe('ViewPanels', () => {
  it('opens one panel for each view, and brings it to the front', async () => {
    const { shell, panels } = scene();
    const panel = panels.open(args, beside);
    expect(shell.added[0].slice(1)).toEqual([
      'main',
      { ref: 'nb', mode: 'split-right', activate: false }
    ]);
    expect(shell.activated).toEqual([]); // it can be seen: keep the keyboard
    expect(panels.open(args, { ...beside, where: 'tab-after' })).toBe(panel);
    expect(shell.added.length).toBe(1);
    panels.open(args, { ...beside, focus: 'always' });
    panel.hide();
    panels.open(args, beside);
    expect(shell.activated).toEqual([panel.id, panel.id]);
    panels.open(args, { ...beside, focus: 'never' });
    expect(shell.activated.length).toBe(2);
    expect(panels.open({ ...args, name: 'other' }, beside)).not.toBe(panel);
  });

  it('opens one panel for two notebooks only if they share a kernel', () => {
    const { running, panels } = scene();
    const panel = panels.open(args, beside);
    const other = { ...args, path: 'b.ipynb', sessionId: 's2' };
    const first = running.models[0];
    running.models = [first, { ...first, id: 's2', path: 'b.ipynb' }];
    running.runningChanged.emit(undefined);
    expect(panels.open(other, beside)).toBe(panel);
    running.models[1].kernel = { id: 'k2' };
    running.runningChanged.emit(undefined);
    expect(panels.open(other, beside)).not.toBe(panel);
    expect(panels.open(args, beside)).toBe(panel);
    // Nothing runs for either: they have nothing in common.
    running.models = [];
    running.runningChanged.emit(undefined);
    const third = { ...args, path: 'c.ipynb', sessionId: null };
    expect(panels.open(third, beside).key).not.toBe(panel.key);
  });

  it('shows a side panel without taking the keyboard, unless asked to', async () => {
    const { shell, panels } = scene(false);
    const panel = panels.open(args, { ...beside, focus: 'never' });
    expect(shell.added[0][1]).toBe('right');
    panel.hide();
    panels.open(args, beside);
    panel.show();
    MessageLoop.sendMessage(panel, Widget.Msg.ActivateRequest);
    expect(panel.node.contains(document.activeElement)).toBe(false);
    MessageLoop.sendMessage(panel, Widget.Msg.ActivateRequest);
    expect(panel.node.contains(document.activeElement)).toBe(true);
  });

  it('closes without a trace and opens anew', async () => {
    const { opened, sessions, panels } = scene();
    for (let round = 0; round < 3; round++) {
      const panel = panels.open(args, beside);
      await settle();
      panel.close();
      expect(panel.isDisposed).toBe(true);
      expect(opened[round].isClosed).toBe(true);
      expect(sessions.size).toBe(0);
    }
    expect(panels.tracker.size).toBe(0);
  });

  it('takes its title from the kernel', async () => {
    const { panels } = scene();
    const panel = panels.open(args, beside);
    expect(panel.title.label).toBe('Membrane');
    await settle();
    expect(panel.title.label).toBe('From the kernel');
    expect(panel.args.title).toBe('From the kernel');
  });

  it('follows the rename of its notebook without a new session', async () => {
    const { opened, running, panels } = scene();
    const panel = panels.open(args, beside);
    running.models = [{ id: 's1', path: 'b.ipynb', kernel: { id: 'k1' } }];
    running.runningChanged.emit(undefined);
    expect(panel.args.path).toBe('b.ipynb');
    expect(panel.title.caption).toContain('b.ipynb');
    expect(panels.open({ ...args, path: 'b.ipynb' }, beside)).toBe(panel);
    expect(opened.length).toBe(1);
  });

  it('moves to the kernel that its notebook changes to', async () => {
    const { opened, running, panels } = scene();
    const panel = panels.open(args, beside);
    running.models = [{ id: 's1', path: 'a.ipynb', kernel: { id: 'k2' } }];
    running.runningChanged.emit(undefined);
    expect(opened[0].isClosed).toBe(true);
    expect(opened[1].isClosed).toBe(false);
    expect(panel.args.sessionId).toBe('s1');
  });

  it('joins the session that another view has opened anew', async () => {
    const { opened, panels } = scene();
    const [one, other] = ['m', 'n'].map(name =>
      panels.open({ ...args, name }, beside)
    );
    opened[0].become({ state: 'closed' });
    one.node.querySelector('button')!.click(); // Reconnect
    await settle();
    expect(opened.length).toBe(2);
    expect(other.node.textContent).not.toContain('Connection closed');
    one.close();
    expect(opened[1].isClosed).toBe(false);
    other.close();
    expect(opened[1].isClosed).toBe(true);
  });

  it('waits for a kernel', async () => {
    const { opened, running, panels } = scene();
    running.models = [];
    const panel = panels.open({ ...args, sessionId: null }, beside);
    expect(panel.node.textContent).toContain(
      'No kernel runs for a.ipynb: start it and run the cells'
    );
    running.models = [{ id: 's1', path: 'a.ipynb', kernel: { id: 'k1' } }];
    running.runningChanged.emit(undefined);
    expect(opened.length).toBe(1);
  });
});

describe('readPanelArgs', () => {
  it('reads what a layout keeps', () => {
    expect(readPanelArgs({ ...args })).toEqual(args);
    expect(readPanelArgs({ path: 'a', name: 'm' })).toEqual({
      path: 'a',
      name: 'm',
      title: 'm',
      sessionId: null
    });
    expect(() => readPanelArgs({ path: 'a' })).toThrow('path and name');
  });
});
