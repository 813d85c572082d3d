/**
 * The notebook behind the launcher's card: a first object, a first view.
 */

import { KernelSpec } from '@jupyterlab/services';

const OBJECT = `%load_ext wslink_jupyter
import math
import wslink_jupyter as wl

@wl.expose("wave.points", run="thread")
def points(cycles: float) -> list[float]:
    """Called by the view below, whenever its slider moves."""
    return [math.sin(cycles * math.tau * i / 199) for i in range(200)]
`;

const VIEW = `%%wslink_view Wave
export default { async render({ api, el }) {
  el.innerHTML = \`
    <p style="margin: 12px"><label>Cycles
      <input type="range" min="1" max="10" step="0.1" value="3"></label></p>
    <svg viewBox="0 0 199 100" width="100%" fill="none" stroke="var(--jp-brand-color1)">
      <polyline/></svg>\`;
  const slider = el.querySelector('input');
  const line = el.querySelector('polyline');
  const draw = async () => {
    const points = await api.wave.points(Number(slider.value));
    line.setAttribute('points', points.map((y, x) => \`\${x},\${50 - 45 * y}\`).join(' '));
  };
  slider.oninput = draw;
  await draw();
} };
`;

/**
 * Choose the kernel: the default one if that is Python.
 *
 * @returns Its specification; null if there is no Python.
 */
export function pythonSpec(
  specs: KernelSpec.ISpecModels
): KernelSpec.ISpecModel | null {
  const { [specs.default]: first, ...others } = specs.kernelspecs;
  return (
    [first, ...Object.values(others)].find(
      spec => spec?.language.toLowerCase() === 'python'
    ) ?? null
  );
}

/** Make the content of the notebook's file. */
export function exampleNotebook({
  name,
  display_name,
  language
}: KernelSpec.ISpecModel) {
  const cell = (id: string, source: string) => ({
    cell_type: 'code',
    id,
    source: source.trimEnd(),
    metadata: {},
    outputs: [],
    execution_count: null
  });
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name, display_name, language } },
    cells: [cell('object', OBJECT), cell('view', VIEW)]
  };
}
