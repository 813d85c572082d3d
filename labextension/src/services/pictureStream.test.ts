import { describe, expect, it, vi } from 'vitest';

import { FakeSession, settle } from '../testing/fakeSession';
import { keyEvent } from './pictureEvents';
import { FRAME_TOPIC, IPictureFrame, PictureStream } from './pictureStream';

const place = { width: 300, height: 200, pixelRatio: 2, isVisible: true };
const keys = { shiftKey: false, ctrlKey: false, altKey: false, metaKey: false };

function opened() {
  const session = new FakeSession();
  const heard: [string, ...unknown[]][] = [];
  let streams = 0;
  for (const what of ['open', 'resize', 'visible', 'ack', 'event', 'close']) {
    session.procedures.set(`jupyter.pictures.${what}`, (...args: unknown[]) => {
      heard.push([what, ...args]);
      return what === 'open' ? { stream: ++streams } : null;
    });
  }
  const scope = new AbortController();
  const draw = vi.fn<(frame: IPictureFrame) => Promise<void>>(async () => {});
  const stream = new PictureStream(
    { name: 'v', session, pageSession: session, signal: scope.signal, draw },
    place
  );
  const publish = (value: object): unknown[] =>
    session.publish(FRAME_TOPIC, value);
  return { session, scope, draw, stream, heard, publish };
}

describe('PictureStream', () => {
  it('opens, draws in order, and acknowledges what is drawn', async () => {
    const { draw, heard, publish } = opened();
    await settle();
    expect(heard).toEqual([['open', 'v', 300, 200, 2, true]]);
    let finish = (): void => {};
    draw.mockImplementationOnce(() => new Promise(done => (finish = done)));
    publish({ stream: 1, number: 1 });
    publish({ stream: 1, number: 2 });
    publish({ stream: 7, number: 3 }); // another picture's
    await settle();
    expect(draw).toHaveBeenCalledTimes(1);
    expect(heard).toHaveLength(1);
    finish();
    await settle();
    expect(draw.mock.calls.map(([frame]) => frame.number)).toEqual([1, 2]);
    expect(heard.slice(1)).toEqual([
      ['ack', 1, 1],
      ['ack', 1, 2]
    ]);
  });

  it('tells size and visibility when they change, and events in one call', async () => {
    const { stream, heard } = opened();
    stream.setPlace({ ...place, width: 400 }); // before it is open
    await settle();
    stream.setPlace({ ...place, width: 400 });
    stream.setPlace({ ...place, width: 400, isVisible: false });
    stream.flush();
    stream.addEvent(keyEvent('key_down', { ...keys, key: 'a' }));
    stream.addEvent(keyEvent('key_up', { ...keys, key: 'a' }));
    stream.flush();
    await settle();
    expect(heard.slice(1, 3)).toEqual([
      ['resize', 1, 400, 200, 2],
      ['visible', 1, false]
    ]);
    expect(heard[3]).toMatchObject(['event', 1, [{}, {}]]);
    expect(heard).toHaveLength(4);
  });

  it('opens again when the connection is back, and closes with the view', async () => {
    const { session, scope, heard, draw, publish } = opened();
    await settle();
    session.become({ state: 'waiting' });
    publish({ stream: 1, number: 1 });
    session.become({ state: 'open' });
    await settle();
    publish({ stream: 1, number: 2 });
    publish({ stream: 2, number: 1 });
    await settle();
    expect(draw).toHaveBeenCalledTimes(1);
    scope.abort();
    await settle();
    expect(heard.map(([what]) => what)).toEqual([
      'open',
      'open',
      'ack',
      'close'
    ]);
    expect(heard[3]).toEqual(['close', 2]);
  });

  it('reports what the kernel cannot draw', async () => {
    const { publish } = opened();
    await settle();
    const [outcome] = publish({ stream: 1, error: 'ValueError: no' });
    await expect(outcome).rejects.toThrow('ValueError: no');
  });
});
