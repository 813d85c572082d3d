/**
 * Our icons: a wave between two ends of a line, and the same under a lens.
 */

import { LabIcon } from '@jupyterlab/ui-components';

const VIEW_SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">
  <g class="jp-icon3" fill="#616161">
    <circle cx="2.5" cy="8" r="1.5"/>
    <circle cx="13.5" cy="8" r="1.5"/>
  </g>
  <path class="jp-icon3" fill="#616161" d="M3.4 8.6C4.2 4.4 5 2.9 6 2.9c1.4 0 1.9 2.6 2.5 5 .5 2.1.9 3.7 1.5 3.7.5 0 1.2-1.4 1.7-4.1l1.2.2c-.7 3.6-1.6 5.4-2.9 5.4-1.6 0-2.1-2.5-2.7-4.9C6.8 6.1 6.5 4.4 6 4.4c-.5 0-.9 1.4-1.4 4.4z"/>
</svg>`;

/** The icon of views, in tabs and outputs. */
export const viewIcon = new LabIcon({
  name: 'wslink-jupyter:view',
  svgstr: VIEW_SVG
});

const INSPECTOR_SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">
  <path class="jp-icon3" fill="#616161" fill-rule="evenodd" d="M7 1a6 6 0 1 0 3.6 10.8l3 3 1.2-1.2-3-3A6 6 0 0 0 7 1zm0 1.4a4.6 4.6 0 1 1 0 9.2 4.6 4.6 0 0 1 0-9.2z"/>
  <path class="jp-icon3" fill="#616161" d="M3.7 7.4c.4-2.1.9-3 1.7-3 .9 0 1.3 1 1.7 2.400.4 1.300.6 1.800.9 1.800.3 0 .6-.7.9-2.100l1.200.2c-.4 2.100-1 3.100-2 3.100s-1.500-.9-2-2.600c-.3-1.100-.5-1.600-.7-1.600-.2 0-.5.7-.7 2z"/>
</svg>`;

/** The icon of the inspector. */
export const inspectorIcon = new LabIcon({
  name: 'wslink-jupyter:inspector',
  svgstr: INSPECTOR_SVG
});
