/** A kernel with one view, and the part of a page that shows it. */

import { nullTranslator } from '@jupyterlab/translation';

import { LiveView } from '../services/liveView';
import { RunningCalls } from '../services/runningCalls';
import { IViewStage } from '../services/stage';
import { GET_VIEW, VIEWS_CHANGED } from '../services/viewAnswer';
import { IErrorReport } from '../services/viewErrors';
import { IRenderContext } from '../services/viewModule';
import { IViewNotice } from '../services/viewNotice';
import { IViewSource } from '../services/viewSource';
import { ViewTheme } from '../services/viewTheme';
import { FakeSession, settle } from './fakeSession';

export class Stage implements IViewStage {
  readonly host = document.createElement('div');
  isStale = false;
  isBusy = false;
  waiting: [calls: number, reason: string] = [0, ''];
  notice: IViewNotice | null = null;
  error: IErrorReport | null = null;
  createRoot(): HTMLElement {
    return this.host.appendChild(document.createElement('div'));
  }
  setStale(isStale: boolean): void {
    this.isStale = isStale;
  }
  setBusy(isBusy: boolean): void {
    this.isBusy = isBusy;
  }
  setWaiting(calls: number, reason: string): void {
    this.waiting = [calls, reason];
  }
  showNotice(notice: IViewNotice | null): void {
    this.notice = notice;
  }
  showError(report: IErrorReport | null): void {
    this.error = report;
  }
}

/** What the kernel says of views of each kind. */
const KINDS = {
  module: { kind: 'module', source: 'source', origin: 'dir/m.js' },
  page: { kind: 'page', origin: 'index.html' },
  app: {
    kind: 'app',
    origin: '',
    files: '',
    endpoint: 'trame',
    query: 'ui=main',
    width: '',
    height: '300px'
  }
} as const;

export class Scene {
  readonly stage = new Stage();
  readonly session = this.newSession();
  revision: number | null = 1;
  kind: 'module' | 'page' | 'app' = 'module';
  error = '';
  renders: IRenderContext[] = [];
  render: (context: IRenderContext) => unknown = ({ el }) => {
    el.textContent = `revision ${this.revision}`;
  };
  importing: (source: string, label: string) => Promise<unknown> =
    async () => ({
      default: {
        render: (context: IRenderContext) => {
          this.renders.push(context);
          return this.render(context);
        }
      }
    });
  readonly live: LiveView;

  /** @param epoch - The kernel start that the view must be of. */
  constructor(epoch: string | null = null) {
    this.live = new LiveView({
      name: 'm',
      title: 'M',
      epoch,
      stage: this.stage,
      theme: new ViewTheme(null),
      importModule: (source, label) => this.importing(source, label),
      trans: nullTranslator.load('wslink_jupyter')
    });
  }

  newSession(): FakeSession {
    const session = new FakeSession();
    session.procedures.set(GET_VIEW, name =>
      this.revision === null
        ? null
        : {
            name,
            title: 'Membrane',
            where: 'cell',
            revision: this.revision,
            files: `m/key/${this.revision}`,
            ...KINDS[this.kind],
            error: this.error
          }
    );
    return session;
  }

  async bind(): Promise<void> {
    this.live.bind(sourceOf(this.session), 'waiting');
    await settle();
  }

  async save(revision: number | null): Promise<void> {
    this.revision = revision;
    this.session.publish(VIEWS_CHANGED, { name: 'm', revision });
    await settle();
  }

  async restart(): Promise<void> {
    this.session.become({ state: 'waiting', kernel: 'restarted' });
    await settle();
  }

  async comeBack(epoch: string): Promise<void> {
    this.session.become({ state: 'connecting', kernel: 'ready' });
    this.session.become({ state: 'open', epoch });
    await settle();
  }

  get text(): string | null {
    return this.stage.host.textContent;
  }
}

/** A session with web files. */
export function sourceOf(session: FakeSession): IViewSource {
  return {
    session,
    calls: new RunningCalls(),
    fileUrl: (path, endpoint) => `${endpoint ?? 'files'}/${path}`
  };
}
