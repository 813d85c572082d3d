/**
 * Rows that stay the same elements while what they show changes.
 */

/** One row. */
export interface IKeyedRow<V> {
  readonly node: HTMLElement;
  /** Show this from now on. */
  set(value: V): void;
  /** Called when the row is gone for good. */
  dispose?(): void;
}

/**
 * Keeps the children of an element in step with a list.
 *
 * The keyboard and what is open stay where they are: no row is made anew, and none
 * is moved that has its place.
 */
export class KeyedRows<K, V> {
  /**
   * @param parent - Holds the rows and nothing else.
   * @param make - Makes a row; `set` is called at once.
   */
  constructor(parent: HTMLElement, make: () => IKeyedRow<V>) {
    this._parent = parent;
    this._make = make;
  }

  /** Show these, in this order. */
  set(entries: Iterable<readonly [K, V]>): void {
    const wanted = new Map(entries);
    for (const [key, row] of [...this._rows]) {
      if (!wanted.has(key)) {
        row.node.remove();
        row.dispose?.();
        this._rows.delete(key);
      }
    }
    let next = this._parent.firstElementChild;
    for (const [key, value] of wanted) {
      let row = this._rows.get(key);
      if (row === undefined) {
        row = this._make();
        this._rows.set(key, row);
      }
      row.set(value);
      if (row.node === next) {
        next = next.nextElementSibling;
      } else {
        this._parent.insertBefore(row.node, next);
      }
    }
  }

  private readonly _parent: HTMLElement;
  private readonly _make: () => IKeyedRow<V>;
  private readonly _rows = new Map<K, IKeyedRow<V>>();
}
