/**
 * The place on the screen, as far as a live view needs it.
 */

import { IErrorReport } from './viewErrors';
import { IViewNotice } from './viewNotice';

/** Shows one view, and what there is to say of it. */
export interface IViewStage {
  /** Add an empty element for the next rendering. */
  createRoot(): HTMLElement;
  /** Grey out what is on the stage, or bring it back. */
  setStale(isStale: boolean): void;
  /** Say that the kernel's main thread runs a cell. */
  setBusy(isBusy: boolean): void;
  /** Say how many calls of the view wait in the kernel, and behind what. */
  setWaiting(calls: number, reason: string): void;
  showNotice(notice: IViewNotice | null): void;
  showError(report: IErrorReport | null): void;
}
