/**
 * What `wl.show(...)` leaves in an output: read from the MIME bundle, checked.
 */

import { TranslationBundle } from '@jupyterlab/translation';

import { VIEW_PROTOCOL } from '../tokens';
import { SentenceError } from './sentenceError';

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

/** The bundle cannot be shown. */
export class ViewBundleError extends SentenceError {
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
    throw new ViewBundleError(trans =>
      trans.__(
        'expected a JSON object in the view output, got %1',
        kindOf(data, trans)
      )
    );
  }
  const { protocol, version, name, title, where, epoch } = data as Record<
    string,
    unknown
  >;
  if (protocol !== VIEW_PROTOCOL) {
    const isNewer = typeof protocol === 'number' && protocol > VIEW_PROTOCOL;
    throw new ViewBundleError(trans => {
      const got = trans.__(
        'expected view protocol %1, got %2 (wslink_jupyter %3)',
        VIEW_PROTOCOL,
        describe(protocol, trans),
        describe(version, trans)
      );
      const remedy = isNewer
        ? trans.__(
            'upgrade wslink_jupyter in the environment of Jupyter Server, then run the cell again'
          )
        : trans.__(
            'upgrade wslink_jupyter in the environment of the kernel, then run the cell again'
          );
      return `${got}: ${remedy}`;
    });
  }
  if (typeof name !== 'string' || name === '') {
    throw new ViewBundleError(trans =>
      trans.__(
        'expected the name of a view, got %1 - at $.name',
        describe(name, trans)
      )
    );
  }
  return {
    name,
    title: typeof title === 'string' && title !== '' ? title : name,
    where: asPlacement(where),
    epoch: typeof epoch === 'string' && epoch !== '' ? epoch : null
  };
}

function describe(value: unknown, trans: TranslationBundle): string {
  return typeof value === 'string' || typeof value === 'number'
    ? String(value)
    : kindOf(value, trans);
}

/** JSON's own words, which are the same in all languages. */
function kindOf(value: unknown, trans: TranslationBundle): string {
  if (value === null) {
    return 'null';
  }
  if (value === undefined) {
    return trans.__('nothing');
  }
  return Array.isArray(value) ? 'array' : typeof value;
}
