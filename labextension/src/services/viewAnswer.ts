/**
 * The kernel's words about its views: read and checked.
 */

/** The procedure which gives a view's front end. */
export const GET_VIEW = 'jupyter.views.get';

/** The topic which tells of views shown again, saved or closed. */
export const VIEWS_CHANGED = 'jupyter.views.changed';

interface IAnswer {
  readonly title: string;
  readonly revision: number;
  /** The name of the front end's file, or ''. */
  readonly origin: string;
  /** The path of the web files beside it, or ''. */
  readonly files: string;
}

/** A view that is an ES module. */
export interface IModuleAnswer extends IAnswer {
  readonly kind: 'module';
  readonly source: string;
  /** Why there is no source, or ''. */
  readonly error: string;
}

/** A view whose picture the kernel draws. */
export interface IPictureAnswer extends IAnswer {
  readonly kind: 'picture';
}

/** The answer to `jupyter.views.get(name)`. */
export type IViewAnswer = IModuleAnswer | IPictureAnswer;

/** The kernel's answer isn't what this version understands. */
export class ViewAnswerError extends Error {
  override readonly name = 'ViewAnswerError';
}

/**
 * Read the answer to `jupyter.views.get`.
 *
 * @returns The view, or null if the kernel has none of that name.
 * @throws {ViewAnswerError} if the answer is of another shape or kind.
 */
export function readViewAnswer(value: unknown): IViewAnswer | null {
  if (value === null || value === undefined) {
    return null;
  }
  const view = value as Record<string, unknown>;
  if (view.kind === 'picture') {
    return {
      kind: view.kind,
      title: field(view, 'title', 'string'),
      revision: field(view, 'revision', 'number'),
      origin: '',
      files: ''
    };
  }
  if (view.kind !== 'module') {
    throw new ViewAnswerError(
      `expected a view of kind "module" or "picture", got ${JSON.stringify(view.kind)}: ` +
        'upgrade wslink_jupyter in the environment of Jupyter Server'
    );
  }
  return {
    kind: view.kind,
    title: field(view, 'title', 'string'),
    revision: field(view, 'revision', 'number'),
    source: field(view, 'source', 'string'),
    origin: field(view, 'origin', 'string'),
    files: field(view, 'files', 'string'),
    error: field(view, 'error', 'string')
  };
}

/** One value of the topic `jupyter.views.changed`. */
export interface IViewChange {
  readonly name: string;
  /** The new revision; null when Python closed the view. */
  readonly revision: number | null;
}

/**
 * Read one value of the topic `jupyter.views.changed`.
 *
 * @returns The change, or null if it is of a shape we do not know.
 */
export function readViewChange(value: unknown): IViewChange | null {
  if (typeof value !== 'object' || value === null) {
    return null;
  }
  const { name, revision } = value as Record<string, unknown>;
  const isRevision = revision === null || typeof revision === 'number';
  return typeof name === 'string' && isRevision ? { name, revision } : null;
}

interface IFieldTypes {
  string: string;
  number: number;
}

function field<K extends keyof IFieldTypes>(
  view: Record<string, unknown>,
  name: string,
  type: K
): IFieldTypes[K] {
  const value = view[name];
  if (typeof value !== type) {
    throw new ViewAnswerError(
      `expected ${type}, got ${typeof value} - at $.${name} of ${GET_VIEW}`
    );
  }
  return value as IFieldTypes[K];
}
