/**
 * The kernel's words about its views: read and checked.
 */

import { SentenceError } from './sentenceError';

/** The procedure which gives a view's front end. */
export const GET_VIEW = 'jupyter.views.get';

/** The topic which tells of views shown again, saved or closed. */
export const VIEWS_CHANGED = 'jupyter.views.changed';

/** What the kernel says of every view. */
interface IAnyView {
  readonly title: string;
  readonly revision: number;
  /** The name of the front end's file, or ''. */
  readonly origin: string;
  /** The path of the web files beside it, or ''. */
  readonly files: string;
  /** Why it cannot be shown, or ''. */
  readonly error: string;
}

/** A view whose front end is an ES module. */
export interface IModuleAnswer extends IAnyView {
  readonly kind: 'module';
  readonly source: string;
}

/** A view whose front end is a built page, among its web files. */
export interface IPageAnswer extends IAnyView {
  readonly kind: 'page';
}

/** A view whose picture the kernel draws. */
export interface IPictureAnswer extends IAnyView {
  readonly kind: 'picture';
}

/** A view that is the page of an application, whose server is in the kernel. */
export interface IAppAnswer extends IAnyView {
  readonly kind: 'app';
  /** The kernel's endpoint that has the page and its socket. */
  readonly endpoint: string;
  /** Of the page's URL, without `?`. */
  readonly query: string;
  /** CSS lengths that it asks for in a cell, or ''. */
  readonly width: string;
  readonly height: string;
}

/** The answer to `jupyter.views.get(name)`. */
export type ViewAnswer =
  IModuleAnswer | IPageAnswer | IPictureAnswer | IAppAnswer;

/** The kernel's answer isn't what this version understands. */
export class ViewAnswerError extends SentenceError {
  override readonly name = 'ViewAnswerError';
}

/**
 * Read the answer to `jupyter.views.get`.
 *
 * @returns The view, or null if the kernel has none of that name.
 * @throws {ViewAnswerError} if the answer is of another shape or kind.
 */
export function readViewAnswer(value: unknown): ViewAnswer | null {
  if (value === null || value === undefined) {
    return null;
  }
  const view = value as Record<string, unknown>;
  const { kind } = view;
  if (!isKind(kind)) {
    throw new ViewAnswerError(trans =>
      trans.__(
        'expected a view of kind "module", "page", "picture" or "app", got %1: upgrade wslink_jupyter in the environment of Jupyter Server',
        JSON.stringify(kind)
      )
    );
  }
  const common = {
    title: field(view, 'title', 'string'),
    revision: field(view, 'revision', 'number'),
    origin: field(view, 'origin', 'string'),
    files: field(view, 'files', 'string'),
    error: field(view, 'error', 'string')
  };
  switch (kind) {
    case 'module':
      return { kind, ...common, source: field(view, 'source', 'string') };
    case 'page':
    case 'picture':
      return { kind, ...common };
    case 'app':
      return {
        kind,
        ...common,
        endpoint: field(view, 'endpoint', 'string'),
        query: field(view, 'query', 'string'),
        width: field(view, 'width', 'string'),
        height: field(view, 'height', 'string')
      };
  }
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

function isKind(kind: unknown): kind is ViewAnswer['kind'] {
  return ['module', 'page', 'picture', 'app'].includes(kind as string);
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
    throw new ViewAnswerError(trans =>
      trans.__(
        'expected %1, got %2 - at %3',
        type,
        typeof value,
        `$.${name} of ${GET_VIEW}`
      )
    );
  }
  return value as IFieldTypes[K];
}
