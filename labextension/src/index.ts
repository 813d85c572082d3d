/**
 * The plugins of the extension.
 */

import { commandsPlugin } from './plugins/commands';
import { inspectorPlugin } from './plugins/inspector';
import { panelsPlugin } from './plugins/panels';
import { rendererPlugin } from './plugins/renderer';
import { sessionsPlugin } from './plugins/sessions';
import { settingsPlugin } from './plugins/settings';
import { statusPlugin } from './plugins/status';

export type * from './session/types';
export * from './tokens';
export type { TypedArray } from './wire/arrays';
export { NdArray } from './wire/arrays';
export { CloseCode, RpcCode } from './wire/codes';
export * from './wire/errors';

export default [
  settingsPlugin,
  sessionsPlugin,
  panelsPlugin,
  rendererPlugin,
  statusPlugin,
  inspectorPlugin,
  commandsPlugin
];
