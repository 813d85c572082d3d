/**
 * What `wl.show(...)` leaves in an output: read from the MIME bundle, checked.
 */

import { VIEW_PROTOCOL } from '../tokens';

/** Where Python asked the view to be shown. */
export type ViewPlacement =
  'split-right' | 'split-bottom' | 'tab-after' | 'cell';

const PLACEMENTS: readonly string[] = [
  'split-right',
  'split-bottom',
  'tab-after',
  'cell'
];

/** One checked bundle. */
export interface IViewBundle {
  /** The key of the view in its kernel. */
  readonly name: string;
  readonly title: string;
  readonly where: ViewPlacement;
  /** The kernel start that it is of, or null if the bundle does not say. */
  readonly epoch: string | null;
}

/** The bundle cannot be shown; the message is for people. */
export class ViewBundleError extends Error {
  override readonly name = 'ViewBundleError';
}

/**
 * Check a placement that came from outside.
 *
 * @returns The placement; `cell` for one we do not know, since an output is
 * the only place which every application has.
 */
export function asPlacement(value: unknown): ViewPlacement {
  return typeof value === 'string' && PLACEMENTS.includes(value)
    ? (value as ViewPlacement)
    : 'cell';
}

/**
 * Read the data of our MIME type.
 *
 * @param data - The parsed JSON of the bundle.
 * @returns The checked bundle.
 * @throws {ViewBundleError} if it isn't ours, or is of another protocol.
 */
export function readViewBundle(data: unknown): IViewBundle {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new ViewBundleError(
      `expected a JSON object in the view output, got ${kindOf(data)}`
    );
  }
  const { protocol, version, name, title, where, epoch } = data as Record<
    string,
    unknown
  >;
  if (protocol !== VIEW_PROTOCOL) {
    const side =
      typeof protocol === 'number' && protocol > VIEW_PROTOCOL
        ? 'upgrade wslink_jupyter in the environment of Jupyter Server'
        : 'upgrade wslink_jupyter in the environment of the kernel';
    throw new ViewBundleError(
      `expected view protocol ${VIEW_PROTOCOL}, got ${describe(protocol)} ` +
        `(wslink_jupyter ${describe(version)}): ${side}, then run the cell again`
    );
  }
  if (typeof name !== 'string' || name === '') {
    throw new ViewBundleError(
      `expected the name of a view, got ${describe(name)} - at $.name`
    );
  }
  return {
    name,
    title: typeof title === 'string' && title !== '' ? title : name,
    where: asPlacement(where),
    epoch: typeof epoch === 'string' && epoch !== '' ? epoch : null
  };
}

function describe(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number'
    ? String(value)
    : kindOf(value);
}

function kindOf(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  if (value === undefined) {
    return 'nothing';
  }
  return Array.isArray(value) ? 'array' : typeof value;
}
