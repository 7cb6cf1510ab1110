// Reads data bases of build tools with the sqlite3 program (docs/design-notes.md says why) and from a copy:
// reading the original would leave files beside it, or might meet its tool writing it. Knows no tool.

import { type ExecFileException, execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Failure, isFailure, reason } from '../../model/failure.ts';
import { readPlainBytes } from '../../store/plainfile.ts';

/**
 * The data base may belong to a foreign tree. A view or a computed column could call the functions that the
 * sqlite3 program adds, and one of them, edit(), runs a command. The first line forbids that. The second
 * fails if sqlite3 did not understand the first (before 3.31).
 */
const GUARD = `pragma trusted_schema = off;
select 't', trusted_schema from pragma_trusted_schema;
`;

/** The limit of sqlite3's output. A million files make half as much, in some seconds. */
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_MS = 60_000;

/**
 * What a transaction that was not finished has left: the write-ahead log has what is not in the file yet, the
 * rollback journal what was there before.
 */
const BESIDE = ['-wal', '-journal'];

/**
 * Returns the rows that a query selects.
 * @param file the data base.
 * @throws Failure if it cannot be read.
 */
export function querySqlite(file: string, query: string): string[][] {
  const copy = copyOf(file);
  try {
    const options = { encoding: 'utf8', maxBuffer: MOST_BYTES, timeout: MOST_MS } as const;
    const answer = spawnSync('sqlite3', words(copy, query), options);
    if (answer.error) throw cannotRun(file, answer.error);
    if (answer.status !== 0) throw refused(file, answer.stderr, `exit ${answer.status}`);
    return rowsOf(file, answer.stdout);
  } finally {
    remove(copy);
  }
}

/**
 * The same, while this process goes on.
 * @param done gets the rows, or the reason why it cannot be read.
 * @returns a function that has done() not be called any more.
 */
export function querySqliteLater(
  file: string,
  query: string,
  done: (rows: string[][] | Failure) => void,
): () => void {
  let isWanted = true;
  const copy = orFailure(() => copyOf(file));
  if (isFailure(copy)) {
    setImmediate(() => {
      if (isWanted) done(copy);
    });
    return () => {
      isWanted = false;
    };
  }
  const options = { encoding: 'utf8', maxBuffer: MOST_BYTES, timeout: MOST_MS } as const;
  const child = execFile('sqlite3', words(copy, query), options, (error, stdout, stderr) => {
    remove(copy);
    if (!isWanted) return;
    // Ctrl-C has reached it, too.
    if (error?.signal && !error.killed) done(orFailure(() => querySqlite(file, query)));
    else done(orFailure(() => answerOf(file, error, stdout, stderr)));
  });
  return () => {
    isWanted = false;
    child.kill('SIGKILL');
  };
}

/** @throws Failure if there is none. */
function answerOf(file: string, error: ExecFileException | null, stdout: string, stderr: string): string[][] {
  if (typeof error?.code === 'number') throw refused(file, stderr, `exit ${error.code}`);
  if (error) throw cannotRun(file, error);
  return rowsOf(file, stdout);
}

function orFailure<T>(make: () => T): T | Failure {
  try {
    return make();
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
}

/** Copies a data base into a folder of its own, and returns that. */
function copyOf(file: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'loglin-sqlite.'));
  try {
    for (const suffix of ['', ...BESIDE])
      if (suffix === '' || fs.existsSync(file + suffix))
        fs.writeFileSync(path.join(folder, `db${suffix}`), readPlainBytes(file + suffix));
    return folder;
  } catch (error) {
    remove(folder);
    throw new Failure(`${file}: ${reason(error)}`);
  }
}

function remove(copy: string): void {
  fs.rmSync(copy, { recursive: true, force: true });
}

function words(copy: string, query: string): string[] {
  const how = ['-bail', '-batch', '-noheader', '-list', '-init', '/dev/null'];
  return [...how, path.join(copy, 'db'), GUARD + query];
}

function cannotRun(file: string, error: Error): Failure {
  return new Failure(
    (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? `${file}: to read it, install sqlite3`
      : `${file}: sqlite3: ${reason(error)}`,
  );
}

function refused(file: string, stderr: string, end: string): Failure {
  return new Failure(`${file}: ${(stderr.trim() || `sqlite3: ${end}`).split('\n', 1)[0]}`);
}

/** @throws Failure if this sqlite3 does not know how to be careful. */
function rowsOf(file: string, answer: string): string[][] {
  const rows = answer.split('\n').map((line) => line.split('|'));
  const [guard] = rows;
  if (guard?.[0] !== 't' || guard[1] !== '0')
    throw new Failure(`${file}: this sqlite3 would run what it says; install 3.31 or newer`);
  return rows.slice(1);
}
