import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Scene } from '../testing/viewScene';
import { pageUrl } from './viewPage';

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});

function pageScene(): Scene {
  const scene = new Scene();
  scene.kind = 'page';
  return scene;
}

function frames(scene: Scene): HTMLIFrameElement[] {
  return [...scene.stage.host.querySelectorAll('iframe')];
}

describe('an application', () => {
  it('is a frame of its endpoint, in the size that it asks for', async () => {
    const scene = new Scene();
    scene.kind = 'app';
    await scene.bind();
    const [frame, ...others] = frames(scene);
    expect(others).toEqual([]);
    expect(frame.title).toBe('Membrane');
    expect(frame.getAttribute('src')).toBe(
      'trame/index.html?wsProxy&reconnect=auto&ui=main'
    );
    const { style } = frame.parentElement!;
    expect(style.getPropertyValue('--jp-wslink-height')).toBe('300px');
    expect(style.getPropertyValue('--jp-wslink-width')).toBe('');
  });
});

describe('a page', () => {
  it('is a frame with a title, at its files of this revision', async () => {
    const scene = pageScene();
    await scene.bind();
    const [frame, ...others] = frames(scene);
    expect(others).toEqual([]);
    expect(frame.title).toBe('Membrane');
    expect(frame.getAttribute('src')).toBe('files/m/key/1/index.html?wsProxy');
    expect(frame.hasAttribute('sandbox')).toBe(false);
    expect(scene.renders).toEqual([]);
  });

  it('is loaded anew when it was built again', async () => {
    const scene = pageScene();
    await scene.bind();
    const [old] = frames(scene);
    await scene.save(2);
    const [frame, ...others] = frames(scene);
    expect(others).toEqual([]);
    expect(frame).not.toBe(old);
    expect(frame.src).toContain('m/key/2/index.html');
  });

  it('is left alone when the connection comes back', async () => {
    const scene = pageScene();
    await scene.bind();
    const [old] = frames(scene);
    scene.session.become({ state: 'waiting' });
    await scene.comeBack('e1');
    expect(frames(scene)).toEqual([old]);
  });

  it('is greyed when the kernel is lost, and comes back in place', async () => {
    const scene = pageScene();
    await scene.bind();
    const [old] = frames(scene);
    await scene.restart();
    expect(scene.stage.isStale).toBe(true);
    expect(frames(scene)).toEqual([old]);
    await scene.comeBack('e2');
    expect(scene.stage.isStale).toBe(false);
    expect(frames(scene)).toHaveLength(1);
    expect(frames(scene)[0]).not.toBe(old);
  });

  it('goes away with its view', async () => {
    const scene = pageScene();
    await scene.bind();
    scene.live.dispose();
    expect(frames(scene)).toEqual([]);
  });

  it('stays when the next build cannot be shown, which is told', async () => {
    const scene = pageScene();
    await scene.bind();
    scene.error = 'expected relative URLs';
    await scene.save(2);
    expect(scene.stage.error?.summary).toBe('expected relative URLs');
    expect(frames(scene)).toHaveLength(1);
  });

  it('may take turns with a module under one name', async () => {
    const scene = pageScene();
    await scene.bind();
    scene.kind = 'module';
    await scene.save(2);
    expect(frames(scene)).toEqual([]);
    expect(scene.text).toBe('revision 2');
    scene.kind = 'page';
    await scene.save(3);
    expect(frames(scene)).toHaveLength(1);
    expect(scene.text).toBe('');
  });
});

describe('pageUrl', () => {
  it('keeps what the URL carries', () => {
    expect(pageUrl('http://h/i.html')).toBe('http://h/i.html?wsProxy');
    expect(pageUrl('/i.html?token=a%20b')).toBe('/i.html?token=a%20b&wsProxy');
  });
});
