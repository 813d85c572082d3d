/**
 * What an output of `wl.show(...)` does. Decisions only.
 */

import { ViewPlacement } from './viewBundle';

/**
 * - `still`: the saved picture, nothing to click;
 * - `connect`: the saved picture and a button, until the user acts;
 * - `link`: one line with a button that opens the panel;
 * - `live`: the view itself, in the cell.
 */
export type OutputMode = 'still' | 'connect' | 'link' | 'live';

/** What is known of an output. */
export interface IOutputFacts {
  /** It belongs to a document which can have a kernel. */
  readonly hasDocument: boolean;
  /** The output is trusted, or the user pressed its button. */
  readonly isAllowed: boolean;
  readonly where: ViewPlacement;
  /** The application has a place for panels. */
  readonly canOpenPanel: boolean;
}

/** Choose; an output that isn't trusted never gets further than `connect`. */
export function outputMode(facts: IOutputFacts): OutputMode {
  if (!facts.hasDocument) {
    return 'still';
  }
  if (!facts.isAllowed) {
    return 'connect';
  }
  return facts.where === 'cell' || !facts.canOpenPanel ? 'live' : 'link';
}
