/**
 * The plugins of the extension.
 */

import { inspectorPlugin } from './plugins/inspector';
import { panelsPlugin } from './plugins/panels';
import { rendererPlugin } from './plugins/renderer';
import { sessionsPlugin } from './plugins/sessions';
import { statusPlugin } from './plugins/status';

export type * from './session/types';
export * from './tokens';
export type { TypedArray } from './wire/arrays';
export { NdArray } from './wire/arrays';
export { CloseCode, RpcCode } from './wire/codes';
export * from './wire/errors';

export default [
  sessionsPlugin,
  panelsPlugin,
  rendererPlugin,
  statusPlugin,
  inspectorPlugin
];
