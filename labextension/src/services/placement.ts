/**
 * Where a panel goes, in each kind of application. Decisions only.
 */

import { DocumentRegistry } from '@jupyterlab/docregistry';

import { ViewPlacement } from './viewBundle';

/** What the application's shell can do. */
export interface IShellAbilities {
  /** The main area can be split (JupyterLab). */
  readonly splits: boolean;
  /** There is a right side area (JupyterLab, Notebook 7). */
  readonly right: boolean;
}

/** Arguments of `shell.add`. */
export interface IPlace {
  readonly area: 'main' | 'right';
  readonly options: DocumentRegistry.IOpenOptions;
}

/**
 * Choose the place of a new panel.
 *
 * @param where - What Python asked for.
 * @param abilities - What the shell can do.
 * @param ref - The id of the document which the panel belongs to, if known.
 * @returns The place, or null where only the cell can show the view.
 */
export function placeOf(
  where: ViewPlacement,
  abilities: IShellAbilities,
  ref: string | undefined
): IPlace | null {
  if (abilities.splits) {
    // `cell` comes from the button of an output: beside the notebook then.
    const mode = where === 'cell' ? 'split-right' : where;
    const beside = ref === undefined ? {} : { ref, mode };
    return { area: 'main', options: { ...beside, activate: false } };
  }
  if (abilities.right) {
    return { area: 'right', options: { rank: 1000, activate: false } };
  }
  return null;
}

/**
 * Name a panel: the same view of the same document has the same key.
 *
 * @param path - The path of the document's session.
 * @param name - The name of the view in its kernel.
 */
export function panelKey(path: string, name: string): string {
  // Encoded, so that no path and name can run into another pair's.
  return `${encodeURIComponent(path)}:${encodeURIComponent(name)}`;
}
