import { describe, expect, it } from 'vitest';

import { ANY_PARAMETERS, FieldError, readArguments } from './callArguments';
import { IParameter } from './inspectReports';

function parameter(
  name: string,
  kind = 'POSITIONAL_OR_KEYWORD',
  default_: string | null = null
): IParameter {
  return { name, kind, default: default_ };
}

describe('readArguments', () => {
  it('gives by position what has one, up to a default', () => {
    const parameters = [
      parameter('a', 'POSITIONAL_ONLY'),
      parameter('b', undefined, '1'),
      parameter('c', undefined, '2'),
      parameter('rest', 'VAR_POSITIONAL'),
      parameter('d', 'KEYWORD_ONLY', 'None'),
      parameter('others', 'VAR_KEYWORD')
    ];
    expect(
      readArguments(parameters, [
        '1',
        '"x"',
        '[2]',
        '[3, 4]',
        'null',
        '{"e":5}'
      ])
    ).toEqual({ args: [1, 'x', [2], 3, 4], kwargs: { d: null, e: 5 } });
    expect(readArguments(parameters, ['1', '', '2', ' ', '', ''])).toEqual({
      args: [1],
      kwargs: { c: 2 }
    });
  });

  it.each([
    [[parameter('a')], [''], 'a: expected JSON, got nothing'],
    [
      [parameter('a')],
      ['text'],
      'a: expected JSON, such as 1, "text", true or [1, 2], got text'
    ],
    [ANY_PARAMETERS, ['1', ''], 'args: expected a JSON list, such as [1, 2]'],
    [
      ANY_PARAMETERS,
      ['[]', '[]'],
      'kwargs: expected a JSON object, such as {"a": 1}'
    ],
    [
      [parameter('a', undefined, '1'), parameter('rest', 'VAR_POSITIONAL')],
      ['', '[1]'],
      'rest: expected a to be filled in as well'
    ],
    [
      [
        parameter('a', 'POSITIONAL_ONLY', '1'),
        parameter('b', 'POSITIONAL_ONLY', '1')
      ],
      ['', '1'],
      'b: expected a to be filled in as well'
    ]
  ])('says what is wrong, and where', (parameters, texts, message) => {
    const read = (): unknown => readArguments(parameters, texts);
    expect(read).toThrow(FieldError);
    expect(read).toThrow(message);
  });
});
