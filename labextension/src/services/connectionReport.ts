/**
 * What to send along with a question about a connection. English: for us.
 */

import { ISessionStatus } from '../session/types';
import { VERSION } from '../wire/version';

/** What the page knows. */
export interface IPageFindings {
  /** The application and its version. */
  readonly application: string;
  readonly browser: string;
  readonly kernelId: string;
  /** Null if no view of the page has a session. */
  readonly status: ISessionStatus | null;
  readonly roundTripS: number | null;
}

/**
 * Write the report.
 *
 * @param doctor - What `%wslink doctor` printed in the kernel, or why it did not.
 */
export function reportText(page: IPageFindings, doctor: string): string {
  const { status, roundTripS } = page;
  const lines = [
    `page: wslink-jupyter ${VERSION} in ${page.application}`,
    `  ${page.browser}`,
    `kernel: ${page.kernelId}`
  ];
  if (status === null) {
    lines.push('  no session: no view is open in this page');
  } else {
    const epoch = status.epoch?.slice(0, 8) ?? 'unknown';
    lines.push(
      `  session ${status.state}, kernel ${status.kernel}, epoch ${epoch}`
    );
    if (status.reason !== '') {
      lines.push(`  ${status.reason}`);
    }
    if (roundTripS !== null) {
      lines.push(`  round trip ${(roundTripS * 1000).toFixed(1)} ms`);
    }
  }
  return [...lines, doctor.trimEnd()].join('\n');
}
