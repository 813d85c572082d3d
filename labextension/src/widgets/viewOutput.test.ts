import { ISessionContext } from '@jupyterlab/apputils';
import { MimeModel } from '@jupyterlab/rendermime';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { describe, expect, it, vi } from 'vitest';

import { KernelSessions } from '../services/kernelSessions';
import { GET_VIEW } from '../services/viewAnswer';
import { ViewTheme } from '../services/viewTheme';
import { FakeSession, settle } from '../testing/fakeSession';
import { VIEW_MIME_TYPE } from '../tokens';
import { PanelOpener, ViewOutput } from './viewOutput';

const trans = nullTranslator.load('wslink_jupyter');

function modelOf(where: string, trusted: boolean, more = {}): MimeModel {
  return new MimeModel({
    trusted,
    data: {
      [VIEW_MIME_TYPE]: {
        protocol: 1,
        name: 'm',
        title: 'Membrane',
        where,
        ...more
      },
      'image/png': 'AAAA',
      'text/plain': 'View m'
    }
  });
}

/** A notebook with a kernel, and the sessions that were opened. */
function notebook(opener: PanelOpener | null = null) {
  const opened: FakeSession[] = [];
  const context = {
    path: 'a.ipynb',
    session: { id: 's1', path: 'a.ipynb', kernel: { id: 'k1' } } as
      object | null
  };
  Object.assign(context, {
    kernelChanged: new Signal<object, unknown>(context),
    propertyChanged: new Signal<object, unknown>(context)
  });
  const sessions = new KernelSessions(
    () => {
      const session = new FakeSession();
      session.procedures.set(GET_VIEW, () => null);
      opened.push(session);
      return session;
    },
    (kernelId, path) => `${kernelId}:${path}`
  );
  const services = {
    sessions,
    trans,
    theme: new ViewTheme(null),
    importModule: () => Promise.reject(new Error('not asked for'))
  };
  const output = new ViewOutput(
    {
      sessionContext: context as unknown as ISessionContext,
      services,
      panelOpener: () => opener
    },
    trans
  );
  const button = () => output.node.querySelector('button');
  return { opened, context, sessions, output, button };
}

describe('ViewOutput', () => {
  it.each(['cell', 'split-right'])(
    'does nothing for an untrusted view of the %s before a click',
    async where => {
      const { opened, output, button } = notebook();
      await output.renderModel(modelOf(where, false));
      await settle();
      expect(opened).toEqual([]);
      expect(output.node.querySelector('img')?.alt).toBe('View m');
      expect(button()?.textContent).toBe('Connect');
      button()!.click();
      await settle();
      expect(opened.length).toBe(1);
      expect(opened[0].calls[0].name).toBe(GET_VIEW);
    }
  );

  it('opens the panel of an untrusted view with the same click', async () => {
    const open = vi.fn();
    const { opened, output, button } = notebook(open);
    await output.renderModel(modelOf('tab-after', false));
    button()!.click();
    expect(open).toHaveBeenCalledTimes(1);
    expect(button()?.textContent).toBe('Open panel');
    expect(opened).toEqual([]);
  });

  it('attaches a trusted view of the cell, and keeps the picture of a lost one', async () => {
    const { opened, sessions, output } = notebook();
    await output.renderModel(modelOf('cell', true));
    await settle();
    expect(opened.length).toBe(1);
    expect(output.node.querySelector('img')).not.toBeNull();
    expect(output.node.textContent).toContain(
      '"Membrane" is not shown by this kernel'
    );
    output.dispose();
    expect(opened[0].isClosed).toBe(true);
    expect(sessions.size).toBe(0);
  });

  it('asks the kernel only for views of its present start', async () => {
    const { opened, output } = notebook();
    const img = () => output.node.querySelector('img');
    await output.renderModel(modelOf('cell', true, { epoch: 'e0' }));
    await settle();
    expect(opened.at(-1)!.calls).toEqual([]);
    expect(output.node.textContent).toContain('run the cell again');
    expect(img()?.parentElement?.classList.contains('jp-mod-stale')).toBe(true);
    // The cell is run again: another output.
    await output.renderModel(modelOf('cell', true, { epoch: 'e1' }));
    await settle();
    expect(opened.at(-1)!.calls[0].name).toBe(GET_VIEW);
    expect(img()?.parentElement?.classList.contains('jp-mod-stale')).toBe(
      false
    );
    output.dispose();
  });

  it('asks again before it connects an untrusted output to another view', async () => {
    const { opened, output, button } = notebook();
    await output.renderModel(modelOf('cell', false));
    button()!.click();
    await output.renderModel(modelOf('cell', false));
    expect(opened.length).toBe(2);
    await output.renderModel(modelOf('cell', false, { name: 'other' }));
    expect(opened.length).toBe(2);
    expect(button()?.textContent).toBe('Connect');
    output.dispose();
  });

  it('links to the panel without opening a socket', async () => {
    const open = vi.fn();
    const { opened, output, button } = notebook(open);
    await output.renderModel(modelOf('split-bottom', true));
    expect(output.node.textContent).toContain('Membrane');
    expect(output.node.querySelector('img')).toBeNull();
    button()!.click();
    expect(open).toHaveBeenCalledWith(
      { path: 'a.ipynb', name: 'm', title: 'Membrane', sessionId: 's1' },
      'split-bottom'
    );
    expect(opened).toEqual([]);
  });

  it('shows the picture beside the link while no kernel runs', async () => {
    const { context, output } = notebook(vi.fn());
    context.session = null;
    await output.renderModel(modelOf('split-right', true));
    expect(output.node.querySelector('img')).not.toBeNull();
  });

  it('waits for a kernel in the cell', async () => {
    const { opened, context, output } = notebook();
    context.session = null;
    await output.renderModel(modelOf('cell', true));
    expect(opened).toEqual([]);
    expect(output.node.textContent).toContain(
      'No kernel runs for a.ipynb: start it and run the cells'
    );
  });

  it('shows the view in the cell where panels have no place', async () => {
    const { opened, output } = notebook(null);
    await output.renderModel(modelOf('split-right', true));
    expect(opened.length).toBe(1);
    output.dispose();
  });

  it('only shows the picture outside of notebooks, trusted or not', async () => {
    for (const trusted of [true, false]) {
      const output = new ViewOutput(null, trans);
      await output.renderModel(modelOf('cell', trusted));
      expect(output.node.querySelector('img')).not.toBeNull();
      expect(output.node.querySelector('button')).toBeNull();
    }
  });

  it('says why it cannot read an output, and shows its picture', async () => {
    const { output } = notebook();
    const model = modelOf('cell', true);
    const data = { ...model.data, [VIEW_MIME_TYPE]: { protocol: 7 } };
    await output.renderModel(new MimeModel({ trusted: true, data }));
    expect(output.node.textContent).toContain('expected view protocol 1');
    expect(output.node.querySelector('img')).not.toBeNull();
  });

  it('replaces what it showed when it is given another model', async () => {
    const { opened, output } = notebook();
    await output.renderModel(modelOf('cell', true));
    await output.renderModel(modelOf('cell', true));
    expect(output.node.querySelectorAll('.jp-WslinkView').length).toBe(1);
    expect(opened[0].isClosed).toBe(true);
    output.dispose();
  });
});
