/**
 * One procedure: its signature, which opens to its docstring and a form to call it.
 */

import { TranslationBundle } from '@jupyterlab/translation';

import {
  ANY_PARAMETERS,
  FieldError,
  ICallArguments,
  isOptional,
  readArguments
} from '../services/callArguments';
import { IParameter, IProcedure } from '../services/inspectReports';
import { ICallOptions } from '../session/types';
import { SYSTEM_CLOCK } from '../transport/clock';
import { element } from './elements';
import { IKeyedRow } from './keyedRows';
import { ValueView } from './valueView';

/** Calls a procedure of the kernel that is looked at. */
export type Caller = (
  method: string,
  args: ICallArguments,
  options: ICallOptions
) => Promise<unknown>;

export class ProcedureRow implements IKeyedRow<IProcedure> {
  constructor(call: Caller, trans: TranslationBundle) {
    this._call = call;
    this._trans = trans;
    this._result = new ValueView(trans);
    const summary = document.createElement('summary');
    summary.append(this._signature, this._policy);
    this._form.noValidate = true; // we say what is wrong
    this._form.addEventListener('submit', event => {
      event.preventDefault();
      void this._submit();
    });
    this._callButton.type = 'submit';
    this._callButton.textContent = trans.__('Call');
    this._cancelButton.type = 'button';
    this._cancelButton.textContent = trans.__('Cancel');
    this._cancelButton.hidden = true;
    this._cancelButton.addEventListener('click', () => this._cancel());
    this.node.append(summary, this._doc, this._form, this._result.node);
  }

  readonly node = element('details', 'jp-WslinkInspector-procedure');

  set(procedure: IProcedure): void {
    const key = JSON.stringify(procedure);
    if (key === this._key) {
      return;
    }
    this._key = key;
    const { uri, signature, run, doc } = procedure;
    this._uri = uri;
    this._parameters = procedure.parameters ?? ANY_PARAMETERS;
    this._signature.textContent = signature;
    this._policy.textContent = run;
    this._policy.title = policyText(run, this._trans);
    this._doc.textContent = doc;
    this._doc.hidden = doc === '';
    this._form.setAttribute('aria-label', this._trans.__('Call %1', uri));
    this._inputs = this._parameters.map(makeInput);
    const buttons = element('div', 'jp-WslinkInspector-buttons');
    buttons.append(this._callButton, this._cancelButton);
    this._form.replaceChildren(
      ...this._parameters.map((parameter, index) =>
        labelled(parameter, this._inputs[index])
      ),
      buttons
    );
  }

  dispose(): void {
    this._result.dispose();
  }

  private async _submit(): Promise<void> {
    if (this._running !== null) {
      return;
    }
    this._inputs.forEach(input => input.removeAttribute('aria-invalid'));
    const texts = this._inputs.map(({ value }) => value);
    let args: ICallArguments;
    try {
      args = readArguments(this._parameters, texts);
    } catch (error) {
      if (!(error instanceof FieldError)) {
        throw error;
      }
      const input = this._inputs[error.field];
      input.setAttribute('aria-invalid', 'true');
      input.focus();
      this._result.showError(error.message);
      return;
    }
    const running = new AbortController();
    this._setRunning(running);
    this._result.clear(this._trans.__('running'));
    const beganS = SYSTEM_CLOCK.now();
    try {
      const value = await this._call(this._uri, args, {
        signal: running.signal,
        onState: (state, reason) =>
          this._result.clear(
            state === 'queued' ? reason : this._trans.__('running')
          )
      });
      this._result.showValue(value, SYSTEM_CLOCK.now() - beganS);
    } catch (error) {
      this._result.showError(error);
    } finally {
      this._setRunning(null);
    }
  }

  private _cancel(): void {
    const text = this._trans.__('%1: cancelled', this._uri);
    this._running?.abort(new DOMException(text, 'AbortError'));
  }

  private _setRunning(running: AbortController | null): void {
    this._running = running;
    const hadFocus = this._cancelButton === document.activeElement;
    this._cancelButton.hidden = running === null;
    if (hadFocus && running === null) {
      this._callButton.focus(); // rather than out of the form
    }
  }

  private readonly _call: Caller;
  private readonly _trans: TranslationBundle;
  private readonly _signature = element('code', '');
  private readonly _policy = element('span', 'jp-WslinkInspector-policy');
  private readonly _doc = element('div', 'jp-WslinkInspector-doc');
  private readonly _form = document.createElement('form');
  private readonly _callButton = element(
    'button',
    'jp-WslinkView-button jp-mod-styled jp-mod-accept'
  );
  private readonly _cancelButton = element(
    'button',
    'jp-WslinkView-button jp-mod-styled jp-mod-reject'
  );
  private readonly _result: ValueView;
  private _uri = '';
  private _parameters: readonly IParameter[] = [];
  private _inputs: HTMLInputElement[] = [];
  private _running: AbortController | null = null;
  private _key = '';
}

function makeInput(parameter: IParameter): HTMLInputElement {
  const input = element('input', 'jp-mod-styled');
  input.type = 'text';
  input.spellcheck = false;
  input.autocomplete = 'off';
  input.required = !isOptional(parameter);
  input.placeholder = placeholder(parameter);
  return input;
}

function placeholder({ kind, default: default_ }: IParameter): string {
  switch (kind) {
    case 'VAR_POSITIONAL':
      return '[]';
    case 'VAR_KEYWORD':
      return '{}';
    default:
      return default_ ?? 'JSON';
  }
}

function labelled(
  { name, kind }: IParameter,
  input: HTMLInputElement
): HTMLElement {
  const label = element('label', 'jp-WslinkInspector-field');
  const stars =
    kind === 'VAR_POSITIONAL' ? '*' : kind === 'VAR_KEYWORD' ? '**' : '';
  label.append(element('code', '', `${stars}${name}`), input);
  return label;
}

function policyText(run: string, trans: TranslationBundle): string {
  switch (run) {
    case 'main':
      return trans.__('On the main thread, after the running cell');
    case 'thread':
      return trans.__('On a thread, also while a cell runs');
    case 'loop':
      return trans.__("On the link's own loop, also while a cell runs");
    default:
      return '';
  }
}
