/**
 * Our icon: a wave between two ends of a line.
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
