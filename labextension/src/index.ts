/**
 * The plugins of the extension.
 */

import { panelsPlugin } from './plugins/panels';
import { rendererPlugin } from './plugins/renderer';
import { sessionsPlugin } from './plugins/sessions';

export * from './tokens';

export default [sessionsPlugin, panelsPlugin, rendererPlugin];
