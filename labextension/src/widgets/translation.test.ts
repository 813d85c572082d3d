import { JupyterFrontEnd } from '@jupyterlab/application';
import { MimeModel } from '@jupyterlab/rendermime';
import { CommandRegistry } from '@lumino/commands';
import { MessageLoop } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { describe, expect, it, vi } from 'vitest';

import { commandsPlugin } from '../plugins/commands';
import {
  badgeText,
  Phase,
  phaseSentence,
  roundTripSentence
} from '../services/badgeText';
import { RunningCalls } from '../services/runningCalls';
import { SessionWatch } from '../services/sessionWatch';
import { StatusModel } from '../services/statusModel';
import { readViewAnswer } from '../services/viewAnswer';
import { reportError } from '../services/viewErrors';
import { findRender } from '../services/viewModule';
import { noticeFor, ViewAbsence } from '../services/viewNotice';
import { KernelState, SessionState } from '../session/types';
import { FakeClock } from '../testing/fakeClock';
import { FakeSession } from '../testing/fakeSession';
import { CAPITALS as trans, wordsOf } from '../testing/pseudoTranslation';
import { CommandIDs, VIEW_MIME_TYPE } from '../tokens';
import { BusyNotice } from './busyNotice';
import { StatusBadge } from './statusBadge';
import { StatusPopup } from './statusPopup';
import { IOutputDocument, ViewOutput } from './viewOutput';
import { ViewStage } from './viewStage';

/** What nobody translates is in capital letters already. */
function expectTranslated(text: string): void {
  expect(text).toMatch(/[A-Z]/);
  expect(text).not.toMatch(/[a-z]/);
}

function caught(fails: () => unknown): unknown {
  try {
    fails();
  } catch (error) {
    return error;
  }
  throw new Error('expected an error, got none');
}

describe('Everything that is said of', () => {
  it('a connection', () => {
    const states: SessionState[] = ['connecting', 'waiting', 'closed', 'open'];
    const kernels: KernelState[] = ['unknown', 'absent', 'restarted', 'dead'];
    const absences: ViewAbsence[] = ['not-shown', 'closed', 'outdated'];
    for (const state of states) {
      for (const kernel of kernels) {
        for (const absence of absences) {
          for (const hasPicture of [true, false]) {
            const status = { state, kernel, epoch: null, reason: 'it is so' };
            const view = { title: 'M', absence, hasPicture };
            expectTranslated(noticeFor(status, view, trans)!.text);
          }
        }
      }
    }
    const phases: Phase[] = [
      ...(['connected', 'connecting', 'reconnecting', 'not-loaded'] as const),
      ...(['restarted', 'closed', 'gone'] as const)
    ];
    for (const phase of phases) {
      expectTranslated(badgeText(phase, 0.001, trans));
      expectTranslated(phaseSentence(phase, 'A', 'it is so', trans));
    }
    expectTranslated(roundTripSentence('connected', 0.001, trans));
  });

  it.each([
    caught(() => findRender({}, 'M.JS')),
    caught(() => readViewAnswer({ kind: 1 })),
    Object.assign(new SyntaxError('X'), { lineNumber: 1, stack: '' }),
    { A: 1 }
  ])('an error: %o', error => {
    const { summary, place } = reportError(error, 'M.JS', trans);
    const own = summary
      .replace(/"[^"]*"/g, '') // code and names
      .replace('SyntaxError', '');
    expectTranslated(own + place);
  });

  it('an output', async () => {
    const document: IOutputDocument = {
      sessionContext: { session: null, path: 'A' } as never,
      services: null as never,
      panelOpener: () => () => undefined
    };
    for (const protocol of [1, 2, 'X', null]) {
      for (const trusted of [true, false]) {
        const output = new ViewOutput(document, trans);
        const view = { protocol, name: 'M', title: 'M', where: 'tab-after' };
        const data = { [VIEW_MIME_TYPE]: view, 'text/plain': 'M' };
        await output.renderModel(new MimeModel({ trusted, data }));
        // JSON's own word.
        expectTranslated(wordsOf(output.node).replace('null', ''));
      }
    }
  });

  it('a view', () => {
    const host = document.createElement('div');
    const stage = new ViewStage(host, trans, () => undefined);
    stage.showNotice({ text: 'N', canReconnect: true });
    stage.showError({ summary: 'E', place: 'P', details: 'D' });
    vi.useFakeTimers();
    const busy = new BusyNotice(host.appendChild(new Widget().node), trans);
    busy.setBusy(true);
    vi.runAllTimers();
    expectTranslated(wordsOf(host));
    busy.setWaiting(2, 'a cell runs');
    expectTranslated(wordsOf(host));
    vi.useRealTimers();
  });

  it('the badge and its popup', () => {
    const session = new FakeSession();
    const clock = new FakeClock();
    const calls = new RunningCalls(clock);
    const watch = new SessionWatch({ session, calls });
    const none = { kernelId: 'K', document: 'A' };
    const changed = new Signal<never, void>(none as never);
    const model = new StatusModel(
      { ...none, changed },
      { get: () => watch, changed }
    );
    calls.note(
      calls.begin('C', () => undefined),
      'queued',
      'a cell runs'
    );
    clock.advance(1);
    for (const title of ['T', '']) {
      session.publish('jupyter.progress', {
        ...{ id: title, title, done: 1, total: 2, elapsed_s: 1 },
        state: 'running'
      });
    }
    const badge = new StatusBadge(model, () => undefined, trans);
    const popup = new StatusPopup(model, () => undefined, trans);
    for (const widget of [badge, popup]) {
      Widget.attach(widget, document.body);
      MessageLoop.sendMessage(widget, Widget.Msg.UpdateRequest);
      expectTranslated(wordsOf(widget.node));
      widget.dispose();
    }
  });

  it('a command', () => {
    const commands = new CommandRegistry();
    const app = { commands, shell: {}, serviceManager: {} };
    void commandsPlugin.activate(
      app as unknown as JupyterFrontEnd,
      ...[null, null, null, null, null],
      { load: () => trans }
    );
    const ids = commands.listCommands();
    expect(ids.length).toBe(Object.keys(CommandIDs).length - 1); // one is a panel's
    for (const id of ids) {
      expectTranslated(commands.label(id));
      expectTranslated(commands.label(id, { isPalette: true }));
      expectTranslated(commands.caption(id));
    }
  });
});
