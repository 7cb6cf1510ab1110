// The page beside the shared builds of a project, so that any web server in front of a folder or a bucket
// shows them. Its files and its list of builds are the only objects that are written more than once.

import fs from 'node:fs';
import path from 'node:path';
import { Failure, isFailure, reason } from '../model/failure.ts';
import { LIST } from '../record/sharednames.ts';
import { pageKey } from '../remote/layout.ts';
import type { Remote } from '../remote/remote.ts';
import type { ListedRow } from '../remote/row.ts';
import { newestRows } from '../remote/rows.ts';
import { policyOf } from '../serve/page.ts';
import type { BuildRow } from '../web/protocol.ts';
import { warn } from './stderr.ts';

const INDEX = 'index.html';
/** index.html comes last: whoever opens it finds the rest. */
const FILES = [
  ['page.css', 'text/css; charset=utf-8'],
  ['page.js', 'text/javascript; charset=utf-8'],
  ['worker.js', 'text/javascript; charset=utf-8'],
  [INDEX, 'text/html; charset=utf-8'],
] as const;
const JSON_TYPE = 'application/json';
/** Whoever pushes at the same moment may have written an older list; it is written again so often. */
const TRIES = 3;

/**
 * Writes the page and its list.
 * @returns where the page is.
 * @throws Failure if the page was not built, or the remote cannot be written.
 */
export async function writePage(remote: Remote, project: string): Promise<string> {
  await writeList(remote, project);
  for (const [name, type] of FILES) await remote.put(pageKey(project, name), pageFile(name), type);
  return `${remote.url}/${pageKey(project, INDEX)}`;
}

/** Writes the list of a page again, if there is one; warns if that fails: what was done before is done. */
export async function refreshPage(remote: Remote, project: string): Promise<void> {
  try {
    if (await remote.get(pageKey(project, LIST), { from: 0, to: 1 })) await writeList(remote, project);
  } catch (error) {
    if (!isFailure(error)) throw error;
    warn(`the page's list of builds is not up to date: ${error.message}`);
  }
}

async function writeList(remote: Remote, project: string): Promise<void> {
  let written: string | undefined;
  for (let tries = 0; tries < TRIES; tries++) {
    const rows = (await newestRows(remote, project)).map(listed);
    const text = `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`;
    if (text === written) return;
    await remote.put(pageKey(project, LIST), Buffer.from(text), JSON_TYPE);
    written = text;
  }
}

function listed({ id, command, cut, result, at, ms, jobs, failed }: ListedRow): BuildRow {
  return {
    id,
    command: cut ? `${command}…` : command,
    standing: typeof result === 'string' ? result : 'failed',
    at,
    ms,
    jobs,
    failed,
  };
}

function pageFile(name: string): Buffer {
  const file = path.join(import.meta.dirname, 'page', name);
  try {
    const bytes = fs.readFileSync(file);
    return name === INDEX ? Buffer.from(besideBuilds(bytes.toString())) : bytes;
  } catch (error) {
    throw new Failure(`${file}: ${reason(error)}; npm run build makes it`);
  }
}

/** The page's text, as it lies beside builds: a bucket sends no header that says what a page may do. */
function besideBuilds(html: string): string {
  // It has no meaning outside of a header.
  const policy = policyOf(html).replace(/; frame-ancestors [^;]*/, '');
  const metas =
    `<meta http-equiv="Content-Security-Policy" content="${policy}">\n` +
    '<meta name="loglin-builds" content="shared">\n';
  return html.replace(/(?=<meta name="viewport")/, metas);
}
