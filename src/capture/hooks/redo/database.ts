// Reads redo's database, .redo/db.sqlite3: the names of targets, their needs, the runs.

import path from 'node:path';
import { Failure } from '../../../model/failure.ts';
import { querySqlite } from '../sqlite.ts';
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

const QUERY = `select 's', version from Schema;
select 'r', max(id) from Runid;
select 'f', rowid, hex(name), is_generated, changed_runid, failed_runid, checked_runid, length(csum) from Files;
select 'd', target, source from Deps order by rowid;`;
const VERSION = 2;

/** @throws Failure if it cannot be read. */
export function readDatabase(base: string): RedoDatabase {
  const file = path.join(redoFolder(base), 'db.sqlite3');
  return parse(file, querySqlite(file, QUERY));
}

/** @throws Failure if the database has another version. */
function parse(file: string, rows: readonly (readonly string[])[]): RedoDatabase {
  const files = new Map<number, RedoFile>();
  const needs = new Map<number, number[]>();
  let lastRun = 0;
  for (const [kind, ...words] of rows) {
    const [a = 0, b = 0] = words.map(Number);
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
