import { IThemeManager } from '@jupyterlab/apputils';
import { Signal } from '@lumino/signaling';
import { describe, expect, it, vi } from 'vitest';

import { ViewAnswer } from './viewAnswer';
import { viewInfo } from './viewInfo';
import { ViewTheme } from './viewTheme';

class Themes {
  theme: string | null = null;
  readonly themeChanged = new Signal<this, unknown>(this);
  isLight(name: string): boolean {
    return name === 'Day';
  }
  become(name: string): void {
    this.theme = name;
    this.themeChanged.emit(undefined);
  }
}

function themed() {
  const themes = new Themes();
  return { themes, theme: new ViewTheme(themes as unknown as IThemeManager) };
}

describe('ViewTheme', () => {
  it('is light without a manager and before the first theme', () => {
    expect(new ViewTheme(null).current).toBe('light');
    expect(themed().theme.current).toBe('light');
  });

  it('tells of a change between light and dark, and of no other', () => {
    const { themes, theme } = themed();
    const seen: string[] = [];
    theme.changed.connect((_, next) => seen.push(next));
    for (const name of ['Day', 'Night', 'Midnight', 'Day']) {
      themes.become(name);
    }
    expect(seen).toEqual(['dark', 'light']);
  });
});

describe('viewInfo', () => {
  it('gives the theme of now and tells of the next ones, until the end', () => {
    const { themes, theme } = themed();
    const end = new AbortController();
    const answer = { title: 'M', revision: 3, files: 'm/key/3' } as ViewAnswer;
    const view = viewInfo(
      'm',
      answer,
      theme,
      end.signal,
      path => `files/${path}`
    );
    const callback = vi.fn();
    const other = vi.fn();
    view.onTheme(callback);
    view.onTheme(other).dispose();
    themes.become('Night');
    expect(view).toMatchObject({ name: 'm', title: 'M', revision: 3 });
    expect(view.theme).toBe('dark');
    expect(view.url('lib/a.js')).toBe('files/m/key/3/lib/a.js');
    end.abort();
    themes.become('Day');
    view.onTheme(callback);
    themes.become('Night');
    expect(callback.mock.calls).toEqual([['dark']]);
    expect(other).not.toHaveBeenCalled();
  });
});
