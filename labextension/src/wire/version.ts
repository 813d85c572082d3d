/** What this client says of itself in its hello. */

/** Equal to the version of package.json and of the Python package (tested). */
export const VERSION = '0.1.0';

/** Number of the extensions spoken beyond stock wslink. */
export const PROTOCOL = 1;

/** Name of this client. */
export const CLIENT_NAME = 'wslink-jupyter';
