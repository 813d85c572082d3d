/**
 * Keeps an element in the page while its widget is taken out and put in
 * elsewhere: a frame that leaves the page loads its document again.
 */

/** Moves a node without taking it out; browsers had it before TypeScript. */
interface IMover {
  moveBefore?(node: Node, child: Node | null): void;
}

/** The hidden place of one element; where the browser cannot move, none. */
export class Refuge {
  /** @param element - Has a parent while its widget is in the page. */
  constructor(element: HTMLElement) {
    this._element = element;
  }

  /** Before the widget leaves the page. */
  enter(): void {
    const home = this._element.parentElement;
    const shelter = document.createElement('div') as HTMLElement & IMover;
    if (home === null || shelter.moveBefore === undefined) {
      return;
    }
    shelter.hidden = true;
    document.body.append(shelter);
    this._shelter = shelter;
    this._home = home;
    this._next = this._element.nextSibling;
    shelter.moveBefore(this._element, null);
  }

  /** After the widget has come into the page again, or for the first time. */
  leave(): void {
    this._home?.moveBefore?.(this._element, this._next);
    this.dispose();
  }

  /** Leave nothing in the page; the element goes, too, if it is here. */
  dispose(): void {
    this._shelter?.remove();
    this._shelter = null;
    this._home = null;
    this._next = null;
  }

  private readonly _element: HTMLElement;
  private _shelter: HTMLElement | null = null;
  private _home: (HTMLElement & IMover) | null = null;
  private _next: ChildNode | null = null;
}
