// Where the pages of docs/ are: beside the program, also if npm has installed it. Does not know what is in
// them.

import { packageFile } from '../capture/package.ts';

/** The commands that share another one's page. */
const PAGES: Readonly<Record<string, string>> = {
  ls: 'looking',
  path: 'looking',
  doctor: 'looking',
  link: 'nested',
  mcp: 'agents',
  serve: 'page',
  remote: 'sharing',
  push: 'sharing',
  pull: 'sharing',
  flaky: 'sharing',
  trend: 'sharing',
  rm: 'gc',
};

/** The folder of the pages. */
export function docsFolder(): string {
  return packageFile('../docs');
}

/** A command's page. */
export function docsPage(command: string): string {
  return `${docsFolder()}/${PAGES[command] ?? command}.md`;
}
