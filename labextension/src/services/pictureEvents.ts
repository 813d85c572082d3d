/**
 * What the user does on a picture, as the kernel is told. Pure: no DOM.
 *
 * The names are those of the rendercanvas event specification, and `width` and
 * `height` of the picture as it is shown.
 */

/** One event for the kernel. */
export interface IPictureEvent {
  readonly event_type: string;
  readonly modifiers: readonly string[];
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
  readonly button?: number;
  readonly buttons?: readonly number[];
  readonly dx?: number;
  readonly dy?: number;
  readonly key?: string;
}

/** A place on the page, in CSS pixels. */
export interface IBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The part of DOM events that says which keys are held. */
export interface IModifiers {
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** The part of pointer and mouse events that is sent on. */
export interface IPointer extends IModifiers {
  readonly clientX: number;
  readonly clientY: number;
  readonly button: number;
  readonly buttons: number;
}

/** The part of wheel events that is sent on. */
export interface IWheel extends IPointer {
  readonly deltaX: number;
  readonly deltaY: number;
  readonly deltaMode: number;
}

/** Left, middle and right, as browsers count them, to left, right and middle. */
const BUTTONS: readonly number[] = [1, 3, 2];
/** Pixels of a line and of a page: a step of a wheel is some 100 everywhere. */
const DELTA_PIXELS: readonly number[] = [1, 33, 100];

/** Say what a pointer did on a picture that is shown in `box`. */
export function pointerEvent(
  type: string,
  pointer: IPointer,
  box: IBox
): IPictureEvent {
  const { clientX, clientY, button, buttons } = pointer;
  return {
    event_type: type,
    x: clientX - box.left,
    y: clientY - box.top,
    width: box.width,
    height: box.height,
    button: BUTTONS[button] ?? 0, // -1: none has changed
    // One bit each, the right one before the middle one.
    buttons: [1, 2, 3].filter(number => (buttons & (1 << (number - 1))) !== 0),
    modifiers: modifiersOf(pointer)
  };
}

/** Say how a wheel was turned over a picture. */
export function wheelEvent(wheel: IWheel, box: IBox): IPictureEvent {
  const scale = DELTA_PIXELS[wheel.deltaMode] ?? 1;
  return {
    ...pointerEvent('wheel', wheel, box),
    dx: wheel.deltaX * scale,
    dy: wheel.deltaY * scale
  };
}

/** Say which key was pressed or released. */
export function keyEvent(
  type: 'key_down' | 'key_up',
  event: IModifiers & { readonly key: string }
): IPictureEvent {
  return { event_type: type, key: event.key, modifiers: modifiersOf(event) };
}

function modifiersOf(event: IModifiers): string[] {
  const held: [string, boolean][] = [
    ['Shift', event.shiftKey],
    ['Control', event.ctrlKey],
    ['Alt', event.altKey],
    ['Meta', event.metaKey]
  ];
  return held.filter(([, isHeld]) => isHeld).map(([name]) => name);
}

/** Where a picture of another shape is shown in a box: whole, in its middle. */
export function fitted(box: IBox, width: number, height: number): IBox {
  if (!(width > 0 && height > 0 && box.width > 0 && box.height > 0)) {
    return box;
  }
  const scale = Math.min(box.width / width, box.height / height);
  const shown = { width: width * scale, height: height * scale };
  return {
    left: box.left + (box.width - shown.width) / 2,
    top: box.top + (box.height - shown.height) / 2,
    ...shown
  };
}

/** Add an event; one of a run of moves, or of wheel steps, stands for all. */
export function addEvent(events: IPictureEvent[], event: IPictureEvent): void {
  const last = events.at(-1);
  if (last === undefined || !isOneRun(last, event)) {
    events.push(event);
  } else if (event.event_type === 'wheel') {
    const dx = (last.dx ?? 0) + (event.dx ?? 0);
    const dy = (last.dy ?? 0) + (event.dy ?? 0);
    events[events.length - 1] = { ...event, dx, dy };
  } else {
    events[events.length - 1] = event;
  }
}

function isOneRun(one: IPictureEvent, other: IPictureEvent): boolean {
  return (
    (other.event_type === 'pointer_move' || other.event_type === 'wheel') &&
    one.event_type === other.event_type &&
    String(one.buttons) === String(other.buttons) &&
    String(one.modifiers) === String(other.modifiers)
  );
}
