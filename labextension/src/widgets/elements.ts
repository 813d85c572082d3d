/**
 * Small things that are done to elements everywhere.
 */

/** Make an element with a class of ours, and perhaps a text. */
export function element<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  className: string,
  text = ''
): HTMLElementTagNameMap[T] {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}

/** Change a text, and leave alone one that is the same. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}
