import { describe, expect, it } from 'vitest';

import { reportError } from './viewErrors';
import { ViewModuleError } from './viewModule';

describe('reportError', () => {
  it('finds the place in the stack', () => {
    const error = new TypeError('u is undefined');
    error.stack =
      'TypeError: u is undefined\n' +
      '    at draw (wslink-jupyter/my%20view.js:12:5)\n' +
      '    at lib.js:1:1';
    const report = reportError(error, 'my view.js');
    expect(report.summary).toBe('TypeError: u is undefined');
    expect(report.place).toBe('my view.js, line 12, column 5');
    expect(report.details).toContain('at draw (my view.js:12:5)');
  });

  it('takes the line of a syntax error where the stack has none', () => {
    const error = Object.assign(new SyntaxError("Unexpected token '}'"), {
      lineNumber: 7
    });
    error.stack = "SyntaxError: Unexpected token '}'";
    expect(reportError(error, 'm.js')).toEqual({
      summary: "SyntaxError: Unexpected token '}'",
      place: 'm.js, line 7',
      details: ''
    });
  });

  it('says nothing of a place it does not know', () => {
    const error = new Error('');
    error.stack = undefined;
    expect(reportError(error, 'm.js')).toEqual({
      summary: 'Error',
      place: '',
      details: ''
    });
  });

  it('shows our own sentences bare', () => {
    const report = reportError(new ViewModuleError('expected a, got b'), 'm');
    expect(report.summary).toBe('expected a, got b');
  });

  it('puts thrown values that are no errors into words', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(reportError('oops', 'm').summary).toBe('oops');
    expect(reportError({ a: 1 }, 'm').summary).toContain('{"a":1}');
    expect(reportError(cycle, 'm').summary).toContain('no Error');
  });
});
