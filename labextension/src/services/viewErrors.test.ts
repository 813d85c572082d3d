import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { errorText, reportError } from './viewErrors';
import { ViewModuleError } from './viewModule';

const trans = nullTranslator.load('wslink_jupyter');

describe('reportError', () => {
  it('finds the place in the stack', () => {
    const error = new TypeError('u is undefined');
    error.stack =
      'TypeError: u is undefined\n' +
      '    at draw (wslink-jupyter/my%20view.js:12:5)\n' +
      '    at lib.js:1:1';
    const report = reportError(error, 'my view.js', trans);
    expect(report.summary).toBe('TypeError: u is undefined');
    expect(report.place).toBe('my view.js, line 12, column 5');
    expect(report.details).toContain('at draw (my view.js:12:5)');
  });

  it('takes the line of a syntax error where the stack has none', () => {
    const error = Object.assign(new SyntaxError("Unexpected token '}'"), {
      lineNumber: 7
    });
    error.stack = "SyntaxError: Unexpected token '}'";
    expect(reportError(error, 'm.js', trans)).toEqual({
      summary: "SyntaxError: Unexpected token '}'",
      place: 'm.js, line 7',
      details: ''
    });
  });

  it('says nothing of a place it does not know', () => {
    const error = new Error('');
    error.stack = undefined;
    expect(reportError(error, 'm.js', trans)).toEqual({
      summary: 'Error',
      place: '',
      details: ''
    });
  });

  it('shows our own sentences bare', () => {
    const report = reportError(
      new ViewModuleError(() => 'expected a, got b'),
      'm',
      trans
    );
    expect(report.summary).toBe('expected a, got b');
  });

  it('shows no tokens', () => {
    const error = new TypeError('cannot fetch http://h/a.js?token=s3cret');
    error.stack =
      'TypeError: cannot fetch http://h/a.js?token=s3cret\n' +
      '    at draw (http://h/b.js?x=1&token=s3cret:12:5)';
    const report = reportError(error, 'm.js', trans);
    expect(report.summary).toBe(
      'TypeError: cannot fetch http://h/a.js?token=…'
    );
    expect(report.details).toContain(
      'at draw (http://h/b.js?x=1&token=…:12:5)'
    );
    for (const thrown of [error, 'a?token=s3cret', { a: 'b?token=s3cret' }]) {
      const said =
        JSON.stringify(reportError(thrown, 'm', trans)) + errorText(thrown);
      expect(said).not.toContain('s3cret');
    }
    expect(errorText(error)).toContain('at draw');
    error.stack = 'draw@http://h/b.js?token=s3cret:12:5';
    expect(errorText(error)).toBe(
      'TypeError: cannot fetch http://h/a.js?token=…\n' +
        'draw@http://h/b.js?token=…:12:5'
    );
  });

  it('puts thrown values that are no errors into words', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(reportError('oops', 'm', trans).summary).toBe('oops');
    expect(reportError({ a: 1 }, 'm', trans).summary).toContain('{"a":1}');
    expect(reportError(cycle, 'm', trans).summary).toContain('no Error');
  });
});
