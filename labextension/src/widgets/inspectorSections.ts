/**
 * The sections of the inspector. Each shows what it is given, and asks nobody.
 */

import { TranslationBundle } from '@jupyterlab/translation';
import { PanelWithToolbar } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';

import { ILogEntry } from '../services/callLog';
import { IProcedure, ISessionReport, ITopic } from '../services/inspectReports';
import {
  durationText,
  medianSplit,
  sessionLines,
  sessionName,
  splitText,
  timeText,
  topicText
} from '../services/inspectorText';
import { element, setText } from './elements';
import { IKeyedRow, KeyedRows } from './keyedRows';
import { Caller, ProcedureRow } from './procedureRow';
import { SplitBar, SplitLegend } from './splitBar';

/** A list under a title, or a line that says why it is empty. */
class Section<V> extends PanelWithToolbar {
  /**
   * @param title - Of the section.
   * @param emptyText - Shown while there are no rows.
   * @param make - Makes a row.
   */
  constructor(title: string, emptyText: string, make: () => IKeyedRow<V>) {
    super();
    this.addClass('jp-WslinkInspector-section');
    this.title.label = title;
    this._empty = element('div', 'jp-WslinkInspector-empty', emptyText);
    const body = new Widget({ node: this.body });
    this.body.append(this._empty, this.list);
    this.addWidget(body);
    this.rows = new KeyedRows(this.list, make);
  }

  protected setRows(entries: readonly (readonly [unknown, V])[]): void {
    this._empty.hidden = entries.length > 0;
    this.list.hidden = entries.length === 0;
    this.rows.set(entries);
  }

  protected readonly body = element('div', 'jp-WslinkInspector-body');
  protected readonly list = element('ul', 'jp-WslinkInspector-list');
  protected readonly rows: KeyedRows<unknown, V>;
  private readonly _empty: HTMLElement;
}

/** What can be called. */
export class ProcedureSection extends Section<IProcedure> {
  constructor(call: Caller, trans: TranslationBundle) {
    super(
      trans.__('Procedures'),
      trans.__('Nothing is exposed: run wl.expose(…) in a cell.'),
      () => {
        const row = new ProcedureRow(call, trans);
        const node = document.createElement('li');
        node.append(row.node);
        return {
          node,
          set: value => row.set(value),
          dispose: () => row.dispose()
        };
      }
    );
  }

  display(procedures: readonly IProcedure[]): void {
    this.setRows(procedures.map(each => [each.uri, each]));
  }
}

/** What is published. */
export class TopicSection extends Section<ITopic> {
  constructor(trans: TranslationBundle) {
    super(
      trans.__('Topics'),
      trans.__('Nothing has been published since the inspector was opened.'),
      () => {
        const node = element('li', 'jp-WslinkInspector-row');
        const name = element('code', 'jp-WslinkInspector-name');
        const figures = element('div', 'jp-WslinkInspector-details');
        const value = element('div', 'jp-WslinkInspector-value');
        node.append(name, figures, value);
        return {
          node,
          set: topic => {
            setText(name, topic.topic);
            name.title = topic.topic;
            setText(figures, topicText(topic, trans));
            setText(value, topic.lastText);
            value.title = topic.lastText;
          }
        };
      }
    );
  }

  display(topics: readonly ITopic[]): void {
    this.setRows(topics.map(each => [each.topic, each]));
  }
}

/** Who is connected. */
export class SessionSection extends Section<ISessionReport> {
  constructor(trans: TranslationBundle) {
    super(trans.__('Sessions'), trans.__('Nobody is connected.'), () => {
      const node = element('li', 'jp-WslinkInspector-row');
      const name = element('div', 'jp-WslinkInspector-name');
      const lines = [0, 1, 2].map(() =>
        element('div', 'jp-WslinkInspector-details')
      );
      node.append(name, ...lines);
      return {
        node,
        set: session => {
          node.title = session.id;
          setText(name, sessionName(session, trans));
          name.title = name.textContent;
          sessionLines(session, trans).forEach((text, index) =>
            setText(lines[index], text)
          );
        }
      };
    });
  }

  display(sessions: readonly ISessionReport[]): void {
    this.setRows(sessions.map(each => [each.id, each]));
  }
}

/** What was called, and what that spent its time with. */
export class CallSection extends Section<ILogEntry> {
  constructor(trans: TranslationBundle) {
    super(
      trans.__('Calls of this page'),
      trans.__('Nothing has been called since the inspector was opened.'),
      () => callRow(trans)
    );
    this._trans = trans;
    this._bar = new SplitBar(trans);
    this._legend = new SplitLegend(trans);
    this._median.append(this._caption, this._bar.node, this._legend.node);
    this.body.prepend(this._median);
  }

  /** @param entries - The newest first. */
  display(entries: readonly ILogEntry[]): void {
    const median = medianSplit(entries);
    this._median.hidden = median === null;
    if (median !== null) {
      this._bar.set(median);
      this._legend.set(median);
      const count = entries.filter(({ split }) => split !== null).length;
      setText(
        this._caption,
        this._trans._n('Split of %1 call', 'Medians of %1 calls', count)
      );
    }
    this.setRows(entries.map(entry => [entry, entry]));
  }

  private readonly _trans: TranslationBundle;
  private readonly _median = element('div', 'jp-WslinkInspector-median');
  private readonly _caption = element('div', 'jp-WslinkInspector-details');
  private readonly _bar: SplitBar;
  private readonly _legend: SplitLegend;
}

function callRow(trans: TranslationBundle): IKeyedRow<ILogEntry> {
  const node = element('li', 'jp-WslinkInspector-row');
  let isShown = false;
  return {
    node,
    set: ({ method, timeS, durationS, error, split }) => {
      if (isShown) {
        return; // an entry never changes
      }
      isShown = true;
      const line = element('div', 'jp-WslinkInspector-line');
      const name = element('code', 'jp-WslinkInspector-name', method);
      name.title = method;
      line.append(
        element('span', 'jp-WslinkInspector-details', timeText(timeS)),
        name,
        element('span', '', durationText(durationS))
      );
      node.append(line);
      if (error !== null) {
        node.append(element('div', 'jp-WslinkInspector-fault', error));
      }
      if (split !== null) {
        const bar = new SplitBar(trans);
        bar.set(split);
        const text = splitText(split, trans);
        node.append(
          bar.node,
          element('div', 'jp-WslinkInspector-details', text)
        );
      }
    }
  };
}
