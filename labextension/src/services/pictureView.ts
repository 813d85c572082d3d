/**
 * Shows a picture that the kernel draws, and tells the kernel what the user
 * does on it.
 */

import { ISession } from '../session/types';
import {
  fitted,
  IBox,
  keyEvent,
  pointerEvent,
  wheelEvent
} from './pictureEvents';
import { IPictureFrame, IPicturePlace, PictureStream } from './pictureStream';
import { IRenderContext } from './viewModule';

/** Keys that go on doing what they do: who came by keyboard must get away. */
const LEAVING_KEYS: readonly string[] = ['Tab', 'Escape'];

/**
 * The render function of every picture.
 *
 * @param pageSession - Not the view's own, which ends with the view.
 */
export function renderPicture(
  { session, el, signal, view }: IRenderContext,
  pageSession: ISession
): void {
  const canvas = document.createElement('canvas');
  canvas.className = 'jp-WslinkPicture';
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'application');
  canvas.setAttribute('aria-label', view.title);
  el.append(canvas);

  const place = new Place(el, signal);
  const stream = new PictureStream(
    {
      name: view.name,
      session,
      pageSession,
      signal,
      draw: frame => draw(canvas, frame)
    },
    place.current
  );
  place.onChange = current => stream.setPlace(current);
  listen(canvas, stream, signal);
}

async function draw(
  canvas: HTMLCanvasElement,
  { data, format, width, height }: IPictureFrame
): Promise<void> {
  const bitmap = await createImageBitmap(
    new Blob([data], { type: `image/${format}` })
  );
  try {
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    canvas.dataset.format = format; // styles and tests can tell a still
  } finally {
    bitmap.close();
  }
}

/** Where the picture is, and whether anybody can see it. */
class Place {
  constructor(el: HTMLElement, signal: AbortSignal) {
    this._el = el;
    const resized = new ResizeObserver(() => this._changed());
    resized.observe(el);
    const seen = new IntersectionObserver(entries => {
      this._isOnScreen = entries.at(-1)?.isIntersecting ?? false;
      this._changed();
    });
    seen.observe(el);
    signal.addEventListener('abort', () => {
      resized.disconnect();
      seen.disconnect();
    });
    const changed = (): void => this._changed();
    document.addEventListener('visibilitychange', changed, { signal });
    // Also told when the pixel ratio changes: zooming resizes the window.
    window.addEventListener('resize', changed, { signal });
  }

  onChange: (place: IPicturePlace) => void = () => undefined;

  get current(): IPicturePlace {
    const { clientWidth, clientHeight } = this._el;
    const isShown = document.visibilityState === 'visible';
    return {
      width: clientWidth,
      height: clientHeight,
      pixelRatio: window.devicePixelRatio,
      isVisible: isShown && this._isOnScreen && clientWidth * clientHeight > 0
    };
  }

  private _changed(): void {
    this.onChange(this.current);
  }

  private readonly _el: HTMLElement;
  private _isOnScreen = false;
}

/** Hand what the user does to the stream, once per frame of the screen. */
function listen(
  canvas: HTMLCanvasElement,
  stream: PictureStream,
  signal: AbortSignal
): void {
  let isPlanned = false;
  const flushSoon = (): void => {
    if (!isPlanned) {
      isPlanned = true;
      requestAnimationFrame(() => {
        isPlanned = false;
        if (!signal.aborted) {
          stream.flush();
        }
      });
    }
  };
  const box = (): IBox =>
    fitted(canvas.getBoundingClientRect(), canvas.width, canvas.height);
  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    heard: (event: HTMLElementEventMap[K]) => void
  ): void => canvas.addEventListener(type, heard, { signal, passive: false });
  const sendPointer = (type: string, event: MouseEvent): void => {
    stream.addEvent(pointerEvent(type, event, box()));
    flushSoon();
  };

  let isDragging = false;
  on('pointerdown', event => {
    if (event.isPrimary) {
      isDragging = true;
      canvas.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      sendPointer('pointer_down', event);
    }
  });
  on('pointermove', event => {
    if (event.isPrimary) {
      sendPointer('pointer_move', event);
    }
  });
  for (const type of ['pointerup', 'pointercancel'] as const) {
    on(type, event => {
      if (event.isPrimary) {
        isDragging = event.buttons !== 0 && type === 'pointerup';
        sendPointer('pointer_up', event);
      }
    });
  }
  on('pointerenter', event => sendPointer('pointer_enter', event));
  on('pointerleave', event => sendPointer('pointer_leave', event));
  on('dblclick', event => sendPointer('double_click', event));
  on('contextmenu', event => {
    // The right button is the picture's; on Windows the menu comes when it's let go.
    if (isDragging || event.button === 2) {
      event.preventDefault();
      event.stopPropagation();
    }
  });
  on('wheel', event => {
    // A notebook is scrolled past a picture, until the user turns to it.
    const isInCell = canvas.closest('.jp-WslinkOutput') !== null;
    if (!isInCell || document.activeElement === canvas) {
      event.preventDefault();
      stream.addEvent(wheelEvent(event, box()));
      flushSoon();
    }
  });
  for (const [type, name] of [
    ['keydown', 'key_down'],
    ['keyup', 'key_up']
  ] as const) {
    on(type, event => {
      if (LEAVING_KEYS.includes(event.key)) {
        return;
      }
      if (!event.ctrlKey && !event.metaKey) {
        // Neither scrolls the page nor is a shortcut of the notebook's.
        event.preventDefault();
        event.stopPropagation();
      }
      stream.addEvent(keyEvent(name, event));
      flushSoon();
    });
  }
}
