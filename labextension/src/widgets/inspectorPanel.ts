/**
 * The inspector in the sidebar: what the current kernel offers, and how it goes.
 */

import { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import {
  clearIcon,
  downloadIcon,
  SidePanel,
  ToolbarButton
} from '@jupyterlab/ui-components';
import { AccordionPanel, Panel, Widget } from '@lumino/widgets';

import { jsonLines } from '../services/callLog';
import { InspectorModel } from '../services/inspectorModel';
import { headline, roundTripsText } from '../services/inspectorText';
import { element, setText } from './elements';
import { inspectorIcon } from './icons';
import {
  CallSection,
  ProcedureSection,
  SessionSection,
  TopicSection
} from './inspectorSections';

/** Sections one below the other. It looks at nothing unless it is visible. */
export class InspectorPanel extends SidePanel {
  /**
   * @param model - What to show; told whether the panel is visible.
   * @param trans - The language of the texts.
   * @param translator - For what is not ours.
   */
  constructor(
    model: InspectorModel,
    trans: TranslationBundle,
    translator: ITranslator
  ) {
    super({ translator, header: new Panel() });
    this._model = model;
    this.id = 'wslink-jupyter-inspector';
    this.addClass('jp-WslinkInspector');
    this.title.icon = inspectorIcon;
    this.title.caption = trans.__('wslink Inspector');
    this._texts = trans;

    this._headline.setAttribute('role', 'status');
    this.header.addWidget(new Widget({ node: this._head }));
    this._head.append(this._headline, this._roundTrips);

    this._procedures = new ProcedureSection((method, args, options) => {
      return model.call(this._kernelId, method, args, options);
    }, trans);
    this._topics = new TopicSection(trans);
    this._sessions = new SessionSection(trans);
    this._calls = new CallSection(trans);
    this._calls.toolbar.addItem(
      'export',
      new ToolbarButton({
        icon: downloadIcon,
        tooltip: trans.__('Save the calls as JSON Lines'),
        onClick: () => this._export()
      })
    );
    this._calls.toolbar.addItem(
      'clear',
      new ToolbarButton({
        icon: clearIcon,
        tooltip: trans.__('Clear the calls'),
        onClick: () => model.log.clear(this._kernelId)
      })
    );
    const sections = [
      this._procedures,
      this._topics,
      this._sessions,
      this._calls
    ];
    sections.forEach(section => this.addWidget(section));
    (this.content as AccordionPanel).setRelativeSizes([3, 2, 1.5, 3]);

    model.changed.connect(this._onChanged, this);
    model.log.changed.connect(this._onChanged, this);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._model.setVisible(false);
      this._model.changed.disconnect(this._onChanged, this);
      this._model.log.changed.disconnect(this._onChanged, this);
      super.dispose();
    }
  }

  protected override onAfterShow(): void {
    this._model.setVisible(this.isVisible);
  }

  protected override onAfterAttach(): void {
    this._model.setVisible(this.isVisible);
  }

  protected override onBeforeHide(): void {
    this._model.setVisible(false);
  }

  protected override onBeforeDetach(): void {
    this._model.setVisible(false);
  }

  protected override onUpdateRequest(): void {
    const { inspection, document, log } = this._model;
    if (!this.isVisible) {
      return; // forms keep what was written into them
    }
    setText(this._headline, headline(inspection, document, this._texts));
    const roundTrips = roundTripsText(inspection, this._texts);
    setText(this._roundTrips, roundTrips);
    this._roundTrips.hidden = roundTrips === '';
    const kernelId = inspection?.kernelId ?? '';
    if (kernelId !== this._kernelId) {
      // Procedures of the same name are others in another kernel.
      this._procedures.display([]);
      this._kernelId = kernelId;
    }
    if (inspection?.procedures) {
      this._procedures.display(inspection.procedures);
    }
    this._topics.display(inspection?.topics ?? []);
    this._sessions.display(inspection?.sessions ?? []);
    this._calls.display(log.of(kernelId));
  }

  private readonly _onChanged = (): void => {
    this.update(); // once, however much changes in one go
  };

  private _export(): void {
    const text = jsonLines(this._model.log.of(this._kernelId));
    const url = URL.createObjectURL(
      new Blob([text], { type: 'application/jsonl' })
    );
    const link = document.createElement('a');
    link.href = url;
    link.download = 'wslink-calls.jsonl';
    link.click();
    URL.revokeObjectURL(url);
  }

  private readonly _model: InspectorModel;
  private readonly _texts: TranslationBundle;
  private readonly _head = element('div', 'jp-WslinkInspector-head');
  private readonly _headline = element('div', '');
  private readonly _roundTrips = element('div', 'jp-WslinkInspector-details');
  private readonly _procedures: ProcedureSection;
  private readonly _topics: TopicSection;
  private readonly _sessions: SessionSection;
  private readonly _calls: CallSection;
  private _kernelId = '';
}
