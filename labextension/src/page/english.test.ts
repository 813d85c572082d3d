import { nullTranslator as jupyters } from '@jupyterlab/translation';
import { expect, test } from 'vitest';

import { nullTranslator } from './english';

const ours = nullTranslator.load();
const theirs = jupyters.load('');

test('it says what the translator of JupyterLab says', () => {
  const texts = ['plain', '%1', 'line %2 of %1, and %1', '100 %', '"%1"'];
  for (const text of texts) {
    expect(ours.__(text, 'a.js', 7)).toBe(theirs.__(text, 'a.js', 7));
  }
  for (const n of [0, 1, 2]) {
    expect(ours._n('%1 call', '%1 calls (%2)', n, 'why')).toBe(
      theirs._n('%1 call', '%1 calls (%2)', n, 'why')
    );
  }
});
