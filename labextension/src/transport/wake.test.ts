import { expect, test, vi } from 'vitest';

import { onWake } from './wake';

test('online and a visible page wake, a hidden one does not', () => {
  const callback = vi.fn();
  const visibility = vi.spyOn(document, 'visibilityState', 'get');
  const waking = onWake(callback);
  window.dispatchEvent(new Event('online'));
  visibility.mockReturnValue('hidden');
  document.dispatchEvent(new Event('visibilitychange'));
  expect(callback).toHaveBeenCalledTimes(1);
  visibility.mockReturnValue('visible');
  document.dispatchEvent(new Event('visibilitychange'));
  expect(callback).toHaveBeenCalledTimes(2);
  window.dispatchEvent(new Event('focus'));
  window.dispatchEvent(new Event('pageshow'));
  document.dispatchEvent(new Event('resume'));
  expect(callback).toHaveBeenCalledTimes(5);
  waking.dispose();
  waking.dispose();
  window.dispatchEvent(new Event('online'));
  window.dispatchEvent(new Event('focus'));
  window.dispatchEvent(new Event('pageshow'));
  document.dispatchEvent(new Event('resume'));
  document.dispatchEvent(new Event('visibilitychange'));
  expect(callback).toHaveBeenCalledTimes(5);
});
