/**
 * Browser classes which JupyterLab needs at import and jsdom lacks.
 *
 * The test is for `undefined`, not for `in`: jsdom has some of the keys without a value.
 */

class InertObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

class InertDragEvent extends Event {}

const gaps: Record<string, unknown> = {
  DragEvent: InertDragEvent,
  ResizeObserver: InertObserver,
  IntersectionObserver: InertObserver,
  matchMedia: (query: string) => ({
    matches: false,
    media: query,
    onchange: null,
    addListener: () => {},
    removeListener: () => {},
    addEventListener: () => {},
    removeEventListener: () => {},
    dispatchEvent: () => false
  })
};

const globals = globalThis as unknown as Record<string, unknown>;
for (const [name, value] of Object.entries(gaps)) {
  if (globals[name] === undefined) {
    globals[name] = value;
  }
}
