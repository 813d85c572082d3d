import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  addEvent,
  fitted,
  IPictureEvent,
  keyEvent,
  pointerEvent,
  wheelEvent
} from './pictureEvents';

const keys = { shiftKey: false, ctrlKey: false, altKey: false, metaKey: false };
const mouse = { ...keys, clientX: 30, clientY: 50, button: 0, buttons: 0 };
const box = { left: 10, top: 20, width: 200, height: 100 };

describe('pointerEvent', () => {
  it('is relative to the picture, with buttons as the kernel counts them', () => {
    expect(
      pointerEvent(
        'pointer_down',
        { ...mouse, button: 2, buttons: 6, shiftKey: true, metaKey: true },
        box
      )
    ).toEqual({
      event_type: 'pointer_down',
      x: 20,
      y: 30,
      width: 200,
      height: 100,
      button: 2,
      buttons: [2, 3],
      modifiers: ['Shift', 'Meta']
    });
    const moved = { ...mouse, button: -1 };
    expect(pointerEvent('pointer_move', moved, box).button).toBe(0);
  });
});

describe('wheelEvent', () => {
  it('counts lines and pages as pixels', () => {
    const wheel = { ...mouse, deltaX: 0, deltaY: 3, deltaMode: 1 };
    expect(wheelEvent(wheel, box)).toMatchObject({ dx: 0, dy: 99 });
    const pages = { ...wheel, deltaY: -1, deltaMode: 2 };
    expect(wheelEvent(pages, box).dy).toBe(-100);
  });
});

describe('keyEvent', () => {
  it('has the key and what is held with it', () => {
    expect(keyEvent('key_up', { ...keys, altKey: true, key: 'r' })).toEqual({
      event_type: 'key_up',
      key: 'r',
      modifiers: ['Alt']
    });
  });
});

describe('fitted', () => {
  it('shows the whole picture, in its own shape, in the middle', () => {
    const tall = fitted(box, 50, 100);
    expect(tall).toEqual({ left: 85, top: 20, width: 50, height: 100 });
    expect(fitted(box, 0, 0)).toEqual(box);
  });

  it('stays in the box', () => {
    const side = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(side, side, side, side, (w, h, width, height) => {
        const outer = { left: 0, top: 0, width: w, height: h };
        const inner = fitted(outer, width, height);
        expect(inner.left).toBeGreaterThanOrEqual(-1e-6);
        expect(inner.top).toBeGreaterThanOrEqual(-1e-6);
        expect(inner.width).toBeLessThanOrEqual(w + 1e-6);
        expect(inner.width / inner.height).toBeCloseTo(width / height, 6);
      })
    );
  });
});

describe('addEvent', () => {
  const move = (x: number, buttons = 0): IPictureEvent =>
    pointerEvent('pointer_move', { ...mouse, clientX: x, buttons }, box);

  it('keeps the last of a run of moves, and what is between them', () => {
    const events: IPictureEvent[] = [];
    const down = pointerEvent('pointer_down', { ...mouse, buttons: 1 }, box);
    const all = [move(1), move(2), down, move(3, 1), move(4, 1), move(5)];
    all.forEach(event => addEvent(events, event));
    expect(events).toEqual([move(2), down, move(4, 1), move(5)]);
  });

  it('adds wheel steps up', () => {
    const events: IPictureEvent[] = [];
    for (const deltaY of [100, 100, -50]) {
      const wheel = { ...mouse, deltaX: 1, deltaY, deltaMode: 0 };
      addEvent(events, wheelEvent(wheel, box));
    }
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ dx: 3, dy: 150 });
  });
});
