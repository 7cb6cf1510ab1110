// Opens an address in the user's web browser, and does not wait for it.

import { spawn } from 'node:child_process';
import { reason } from '../model/failure.ts';

/**
 * @param url should have no secret that is of use for long: others see a program's arguments.
 * @param failed called with an error message if there is no browser.
 */
export function openInBrowser(url: string, failed: (message: string) => void): void {
  const { BROWSER: browser = '' } = process.env;
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const command = browser === '' ? opener : browser;
  const child = spawn(command, [url], { stdio: 'ignore', detached: true });
  child.on('error', (error) => {
    failed(`${command}: ${reason(error)}; the address is what loglin serve prints`);
  });
  child.unref();
}
