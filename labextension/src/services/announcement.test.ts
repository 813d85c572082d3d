import { KernelMessage } from '@jupyterlab/services';
import { describe, expect, it } from 'vitest';

import { VIEW_MIME_TYPE } from '../tokens';
import { announcedView } from './announcement';

const bundle = {
  protocol: 1,
  version: '0.1.0',
  name: 'membrane',
  title: 'Membrane',
  where: 'split-right'
};

function message(
  msgType: string,
  data: unknown,
  session = 'me'
): KernelMessage.IIOPubMessage {
  return {
    channel: 'iopub',
    header: { msg_type: msgType, session: 'kernel' },
    parent_header: { msg_type: 'execute_request', session },
    content: { data, metadata: {} },
    metadata: {}
  } as unknown as KernelMessage.IIOPubMessage;
}

describe('announcedView', () => {
  it.each(['display_data', 'execute_result', 'update_display_data'])(
    'opens what a live %s announces',
    type => {
      const live = message(type, { [VIEW_MIME_TYPE]: bundle });
      expect(announcedView(live, 'me')?.name).toBe('membrane');
    }
  );

  it('leaves the cells of other pages to them', () => {
    const live = message('display_data', { [VIEW_MIME_TYPE]: bundle }, 'other');
    expect(announcedView(live, 'me')).toBeNull();
  });

  it('opens nothing without a connection or without a parent', () => {
    const live = message('display_data', { [VIEW_MIME_TYPE]: bundle });
    expect(announcedView(live, undefined)).toBeNull();
    const orphan = { ...live, parent_header: {} };
    expect(
      announcedView(orphan as KernelMessage.IIOPubMessage, undefined)
    ).toBeNull();
  });

  it('leaves views in the cell to the output', () => {
    const inCell = { ...bundle, where: 'cell' };
    const live = message('display_data', { [VIEW_MIME_TYPE]: inCell });
    expect(announcedView(live, 'me')).toBeNull();
  });

  it('passes over other data, other messages and what it cannot read', () => {
    const text = message('display_data', { 'text/plain': 'x' });
    expect(announcedView(text, 'me')).toBeNull();
    const stream = message('stream', { [VIEW_MIME_TYPE]: bundle });
    expect(announcedView(stream, 'me')).toBeNull();
    const newer = message('display_data', {
      [VIEW_MIME_TYPE]: { ...bundle, protocol: 2 }
    });
    expect(announcedView(newer, 'me')).toBeNull();
  });
});
