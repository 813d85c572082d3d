/**
 * From the fields of a form to the arguments of a call.
 */

import { IParameter } from './inspectReports';

/** What to call a procedure with. */
export interface ICallArguments {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** A field that does not say what it should. */
export class FieldError extends Error {
  /** @param field - The index of the parameter. */
  constructor(
    readonly field: number,
    message: string
  ) {
    super(message);
  }
}

/** The parameters of a procedure of which nobody can tell them. */
export const ANY_PARAMETERS: readonly IParameter[] = [
  { name: 'args', kind: 'VAR_POSITIONAL', default: null },
  { name: 'kwargs', kind: 'VAR_KEYWORD', default: null }
];

/** Whether a call is possible without this parameter. */
export function isOptional({ kind, default: default_ }: IParameter): boolean {
  return default_ !== null || kind.startsWith('VAR_');
}

/**
 * Read the fields, each JSON; of `*args` a list, of `**kwargs` an object.
 *
 * An empty field stands for the default. What Python takes by position goes by
 * position, up to the first that is left to its default, and by name from there.
 *
 * @param parameters - What the procedure takes.
 * @param texts - One for each parameter.
 * @throws {FieldError} If one is no JSON, or is needed and empty.
 */
export function readArguments(
  parameters: readonly IParameter[],
  texts: readonly string[]
): ICallArguments {
  const args: unknown[] = [];
  const kwargs: Record<string, unknown> = {};
  /** The first that was left to its default, though it has a position. */
  let skipped: string | null = null;

  parameters.forEach((parameter, field) => {
    const { name, kind } = parameter;
    const text = texts[field].trim();
    const fail = (message: string): never => {
      throw new FieldError(field, `${name}: ${message}`);
    };
    if (text === '') {
      if (!isOptional(parameter)) {
        fail('expected JSON, got nothing');
      }
      if (kind.startsWith('POSITIONAL_')) {
        skipped ??= name;
      }
      return;
    }
    const value = parse(text, fail);
    switch (kind) {
      case 'VAR_POSITIONAL':
        if (!Array.isArray(value)) {
          return fail('expected a JSON list, such as [1, 2]');
        }
        if (skipped !== null && value.length > 0) {
          return fail(`expected ${skipped} to be filled in as well`);
        }
        args.push(...(value as unknown[]));
        break;
      case 'VAR_KEYWORD':
        if (
          typeof value !== 'object' ||
          value === null ||
          Array.isArray(value)
        ) {
          return fail('expected a JSON object, such as {"a": 1}');
        }
        Object.assign(kwargs, value);
        break;
      case 'KEYWORD_ONLY':
        kwargs[name] = value;
        break;
      case 'POSITIONAL_ONLY':
        if (skipped !== null) {
          return fail(`expected ${skipped} to be filled in as well`);
        }
        args.push(value);
        break;
      default:
        if (skipped === null) {
          args.push(value);
        } else {
          kwargs[name] = value;
        }
    }
  });
  return { args, kwargs };
}

function parse(text: string, fail: (message: string) => never): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    return fail(
      `expected JSON, such as 1, "text", true or [1, 2], got ${shown}`
    );
  }
}
