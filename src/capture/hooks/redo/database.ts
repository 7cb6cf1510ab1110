// Reads redo's database, .redo/db.sqlite3: the names of targets, their needs, the runs. It is read with the
// sqlite3 program (docs/design-notes.md says why) and from a copy: reading the original would leave files
// beside it, or might meet redo writing it.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Failure, isFailure, reason } from '../../../model/failure.ts';
import { readPlainBytes } from '../../../store/plainfile.ts';
import { redoFolder } from './tree.ts';

export interface RedoFile {
  /** Relative to the base. `//ALWAYS` is not a file. */
  readonly name: string;
  readonly generated: boolean;
  /** The runs in which it was last changed, failed, and was checked; 0: never. */
  readonly changed: number;
  readonly failed: number;
  readonly checked: number;
  /** redo-stamp decides whether it has changed. */
  readonly stamped: boolean;
}

export interface RedoDatabase {
  readonly lastRun: number;
  /** The files by their number. */
  readonly files: ReadonlyMap<number, RedoFile>;
  /** The needs of each target, in the order in which it last asked for them. */
  readonly needs: ReadonlyMap<number, readonly number[]>;
}

/**
 * The database may belong to a foreign tree. A view or a computed column could call the functions that the
 * sqlite3 program adds, and one of them, edit(), runs a command. The first line forbids that. The second
 * fails if sqlite3 did not understand the first (before 3.31).
 */
const QUERY = `pragma trusted_schema = off;
select 't', trusted_schema from pragma_trusted_schema;
select 's', version from Schema;
select 'r', max(id) from Runid;
select 'f', rowid, hex(name), is_generated, changed_runid, failed_runid, checked_runid, length(csum) from Files;
select 'd', target, source from Deps order by rowid;`;
const VERSION = 2;

/** The limit of sqlite3's output. A million files make half as much, in some seconds. */
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_MS = 60_000;

/** @throws Failure if it cannot be read. */
export function readDatabase(base: string): RedoDatabase {
  const file = path.join(redoFolder(base), 'db.sqlite3');
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'loglin-redo.'));
  try {
    fs.writeFileSync(path.join(copy, 'db'), readPlainBytes(file));
    // The write-ahead log: what the last run has not put into the database file yet.
    if (fs.existsSync(`${file}-wal`))
      fs.writeFileSync(path.join(copy, 'db-wal'), readPlainBytes(`${file}-wal`));
    const args = [
      '-bail',
      '-batch',
      '-noheader',
      '-list',
      '-init',
      '/dev/null',
      path.join(copy, 'db'),
      QUERY,
    ];
    const answer = spawnSync('sqlite3', args, { encoding: 'utf8', maxBuffer: MOST_BYTES, timeout: MOST_MS });
    if (answer.error)
      throw new Failure(
        (answer.error as NodeJS.ErrnoException).code === 'ENOENT'
          ? `${file}: to read it, install sqlite3`
          : `${file}: sqlite3: ${reason(answer.error)}`,
      );
    if (answer.status !== 0)
      throw new Failure(
        `${file}: ${(answer.stderr.trim() || `sqlite3: exit ${answer.status}`).split('\n', 1)[0]}`,
      );
    return parse(file, answer.stdout);
  } catch (error) {
    if (isFailure(error)) throw error;
    throw new Failure(`${file}: ${reason(error)}`);
  } finally {
    fs.rmSync(copy, { recursive: true, force: true });
  }
}

/** @throws Failure if the database has another version. */
function parse(file: string, answer: string): RedoDatabase {
  const files = new Map<number, RedoFile>();
  const needs = new Map<number, number[]>();
  let lastRun = 0;
  for (const line of answer.split('\n')) {
    const [kind, ...words] = line.split('|');
    const [a = 0, b = 0] = words.map(Number);
    if (kind === 't' && words[0] !== '0')
      throw new Failure(`${file}: this sqlite3 would run what it says; install 3.31 or newer`);
    if (kind === 's' && a !== VERSION)
      throw new Failure(`${file}: of version ${words[0] ?? ''}; this loglin reads version ${VERSION}`);
    if (kind === 'r') lastRun = a;
    if (kind === 'd') {
      const known = needs.get(a);
      if (known) known.push(b);
      else needs.set(a, [b]);
    }
    if (kind !== 'f') continue;
    const [, name = '', generated, changed, failed, checked, stamp] = words;
    files.set(a, {
      name: Buffer.from(name, 'hex').toString('utf8'),
      generated: generated === '1',
      changed: Number(changed),
      failed: Number(failed),
      checked: Number(checked),
      stamped: Number(stamp) > 0,
    });
  }
  return { lastRun, files, needs };
}
