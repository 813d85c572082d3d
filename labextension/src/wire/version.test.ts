// @vitest-environment node
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { CLIENT_NAME, VERSION } from './version';

test('the version is that of package.json', () => {
  const about = JSON.parse(readFileSync('package.json', 'utf8'));
  expect({ name: CLIENT_NAME, version: VERSION }).toEqual({
    name: about.name,
    version: about.version
  });
});
