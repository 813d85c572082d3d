import { ISessionContext } from '@jupyterlab/apputils';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { describe, expect, it } from 'vitest';

import { VIEW_MIME_TYPE } from '../tokens';
import { AnnouncementWatch, SessionDocument } from './announcementWatch';

class Context {
  readonly iopubMessage = new Signal<this, unknown>(this);
  session = { kernel: { clientId: 'me' } };

  show(session: string): void {
    this.iopubMessage.emit({
      channel: 'iopub',
      header: { msg_type: 'display_data' },
      parent_header: { session },
      content: {
        data: {
          [VIEW_MIME_TYPE]: { protocol: 1, name: 'm', where: 'tab-after' }
        }
      }
    });
  }
}

function open(context: Context, id: string): SessionDocument {
  const widget = new Widget() as SessionDocument & {
    sessionContext: ISessionContext;
  };
  widget.id = id;
  Object.assign(widget, { sessionContext: context });
  return widget;
}

describe('AnnouncementWatch', () => {
  it('tells once, however many views a notebook has, until all are closed', () => {
    const heard: string[] = [];
    const watch = new AnnouncementWatch((view, _, ref) =>
      heard.push(`${view.name} beside ${ref}`)
    );
    const context = new Context();
    const one = open(context, 'one');
    const two = open(context, 'two');
    watch.add(one);
    watch.add(two);
    context.show('me');
    context.show('other');
    one.dispose();
    context.show('me');
    two.dispose();
    context.show('me');
    expect(heard).toEqual(['m beside one', 'm beside two']);
  });
});
