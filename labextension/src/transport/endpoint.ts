/** The URL of an endpoint's WebSocket. */

const ROUTE = 'wslink-jupyter/kernels';

/**
 * Return the URL of the WebSocket of `endpoint` in a kernel.
 *
 * Take the arguments from the application (`ServerConnection.ISettings`, the
 * session context), never from what a notebook says: the URL may carry a token.
 *
 * @param baseUrl - `ws(s)://host{base_url}`, or the same with `http(s)`.
 * @param kernelId - As Jupyter Server names it.
 * @param endpoint - `default` unless the kernel has others.
 * @param token - Jupyter's, for a page that has no cookie of its server; '' for none.
 * @throws {TypeError} If an argument cannot be part of such a URL.
 */
export function endpointUrl(
  baseUrl: string,
  kernelId: string,
  endpoint = 'default',
  token = ''
): string {
  const url = new URL(baseUrl);
  url.protocol = webSocketScheme(url.protocol);
  const steps = [segment('kernel id', kernelId), segment('endpoint', endpoint)];
  const base = url.pathname.replace(/\/*$/, '');
  url.pathname = `${base}/${ROUTE}/${steps.join('/')}/ws`;
  // Only a token: whatever else stood there was meant for another page.
  url.search = token ? `?token=${encodeURIComponent(token)}` : '';
  url.hash = '';
  return url.href;
}

/**
 * Return the URL of one of an endpoint's web files, such as those beside the
 * module of a shown view.
 *
 * Arguments as for `endpointUrl`, and from where it says.
 *
 * @param path - With `/`; a step `..` would lead elsewhere.
 * @throws {TypeError} If an argument cannot be part of such a URL.
 */
export function fileUrl(
  baseUrl: string,
  kernelId: string,
  endpoint: string,
  path: string,
  token = ''
): string {
  const url = new URL(endpointUrl(baseUrl, kernelId, endpoint, token));
  url.protocol = url.protocol === 'wss:' ? 'https:' : 'http:';
  const steps = path.split('/').map(step => segment('file', step));
  url.pathname = url.pathname.replace(/ws$/, `www/${steps.join('/')}`);
  return url.href;
}

/**
 * Return `url` as every WebSocket class takes it: absolute, with `ws` or `wss`.
 *
 * @param url - Relative ones are resolved where there is a page.
 * @throws {TypeError} If that gives no such URL.
 */
export function socketUrl(url: string): string {
  const base = typeof document === 'undefined' ? undefined : document.baseURI;
  const absolute = new URL(url, base);
  absolute.protocol = webSocketScheme(absolute.protocol);
  return absolute.href;
}

/** Return whether `url` is the WebSocket of an endpoint of ours. */
export function isEndpointUrl(url: string): boolean {
  const [path] = url.split(/[?#]/, 1);
  return path.includes(`/${ROUTE}/`) && path.endsWith('/ws');
}

function webSocketScheme(scheme: string): string {
  switch (scheme) {
    case 'ws:':
    case 'wss:':
      return scheme;
    case 'http:':
      return 'ws:';
    case 'https:':
      return 'wss:';
    default:
      throw new TypeError(
        `URL: expected one that starts with ws, wss, http or https, got ${scheme}`
      );
  }
}

/** A name as one step of a path; `..` would be another path. */
function segment(what: string, name: string): string {
  if (name === '' || name === '.' || name === '..') {
    throw new TypeError(`${what}: expected a name, got '${name}'`);
  }
  return encodeURIComponent(name);
}
