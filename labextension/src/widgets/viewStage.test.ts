import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { stillOf, ViewStage } from './viewStage';

function staged() {
  const host = document.createElement('div');
  const reconnect = vi.fn();
  const trans = nullTranslator.load('wslink_jupyter');
  const stage = new ViewStage(host, trans, reconnect);
  const find = (selector: string) => host.querySelector<HTMLElement>(selector)!;
  return { host, stage, reconnect, find };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('ViewStage', () => {
  it('says busy only after a second', () => {
    const { stage, find } = staged();
    const text = () => find('.jp-WslinkView-busy').textContent;
    stage.setBusy(true);
    vi.advanceTimersByTime(900);
    stage.setBusy(true);
    expect(text()).toBe('');
    vi.advanceTimersByTime(200);
    expect(text()).toContain('Kernel busy');
    stage.setBusy(false);
    expect(text()).toBe('');
    stage.setBusy(true);
    stage.dispose();
    vi.advanceTimersByTime(2000);
    expect(text()).toBe('');
  });

  it('says at once that calls wait for the running cell', () => {
    const { stage, find } = staged();
    const text = () => find('.jp-WslinkView-busy').textContent;
    const reason = 'queued behind a running cell';
    stage.setBusy(true);
    stage.setWaiting(1, reason);
    expect(text()).toBe(
      'Kernel busy: 1 call waits (queued behind a running cell)'
    );
    stage.setWaiting(2, '');
    expect(text()).toBe('Kernel busy: 2 calls wait');
    stage.setWaiting(0, '');
    expect(text()).toBe('');
    vi.advanceTimersByTime(1000);
    expect(text()).toBe('Kernel busy: calls to main-thread procedures wait');
    stage.setWaiting(1, '');
    expect(text()).toBe('Kernel busy: 1 call waits');
    stage.setBusy(false);
    stage.setWaiting(0, '');
    expect(text()).toBe('');
    // In the other order, too: the cell is heard of behind the call.
    stage.setWaiting(1, '');
    stage.setBusy(true);
    expect(text()).toBe('Kernel busy: 1 call waits');
  });

  it('says after a second that calls wait for another call', () => {
    const { stage, find } = staged();
    const text = () => find('.jp-WslinkView-busy').textContent;
    for (let frame = 0; frame < 50; frame++) {
      stage.setWaiting(1, 'queued behind another call');
      vi.advanceTimersByTime(100);
      expect(text()).toBe('');
      stage.setWaiting(0, '');
    }
    stage.setWaiting(3, 'queued behind another call');
    vi.advanceTimersByTime(1100);
    const said = find('.jp-WslinkView-busy').firstChild;
    expect(text()).toBe(
      'Kernel busy: 3 calls wait (queued behind another call)'
    );
    stage.setWaiting(3, 'queued behind another call');
    expect(find('.jp-WslinkView-busy').firstChild).toBe(said);
    stage.setWaiting(0, '');
    expect(find('.jp-WslinkView-busy').childNodes.length).toBe(0);
  });

  it('shows an error as an alert, with place and stack', () => {
    const { stage, find } = staged();
    stage.showError({
      summary: 'E: <b>',
      place: 'm.js, line 1',
      details: 'at'
    });
    const alert = find('[role=alert]');
    expect(alert.textContent).toContain('E: <b>');
    expect(alert.textContent).toContain('m.js, line 1');
    expect(alert.querySelector('pre')?.textContent).toBe('at');
    expect(alert.querySelector('b')).toBeNull();
    stage.showError({ summary: 'E', place: '', details: '' });
    expect(alert.textContent).toBe('×E');
    alert.querySelector<HTMLElement>('[aria-label=Dismiss]')!.click();
    expect(alert.childNodes.length).toBe(0);
  });

  it('says a message once, politely, and offers to reconnect', () => {
    const { stage, reconnect, find } = staged();
    const notice = find('[aria-live=polite]');
    stage.showNotice({ text: 'gone', canReconnect: true });
    notice.querySelector('button')!.click();
    expect(reconnect).toHaveBeenCalledTimes(1);
    stage.showNotice({ text: 'wait', canReconnect: false });
    const said = notice.firstChild;
    stage.showNotice({ text: 'wait', canReconnect: false });
    expect(notice.firstChild).toBe(said);
    stage.showNotice(null);
    expect(notice.childNodes.length).toBe(0);
  });

  it('greys the picture out and takes no clicks into it', () => {
    const { stage, find } = staged();
    stage.setStale(true);
    const picture = find('.jp-WslinkView-picture');
    expect(picture.classList.contains('jp-mod-stale')).toBe(true);
    expect(picture.inert).toBe(true);
    stage.setStale(false);
    expect(picture.inert).toBe(false);
  });

  it('takes the saved picture away for the live one', () => {
    const { stage, find } = staged();
    stage.showStill(stillOf({ 'image/png': 'AAAA' }));
    expect(find('img')).not.toBeNull();
    stage.createRoot();
    expect(find('img')).toBeNull();
    expect(find('.jp-WslinkView-content')).not.toBeNull();
  });
});

describe('stillOf', () => {
  it('prefers the picture, which the text describes', () => {
    const image = stillOf({
      'image/png': ['iVBOR\n', 'w0KG\n'],
      'text/plain': 'Membrane'
    }) as HTMLImageElement;
    expect(image.src).toBe('data:image/png;base64,iVBORw0KG');
    expect(image.alt).toBe('Membrane');
  });

  it('falls back to the text, as text', () => {
    const text = stillOf({ 'text/plain': '<View "m">' });
    expect(text?.textContent).toBe('<View "m">');
    expect(stillOf({})).toBeNull();
    expect(stillOf({ 'text/plain': '' })).toBeNull();
  });
});
