// Lists the rows of a project, and finds the build that a word means among them.

import { Failure } from '../model/failure.ts';
import { rowPrefix, rowsPrefix, rowsUntil, startOfId } from './layout.ts';
import type { Remote } from './remote.ts';
import { type ListedRow, type Row, parseRow, parseRowKey } from './row.ts';

/** So many rows come with a request. */
const PAGE = 1000;

/** Which rows are wanted. */
export interface RowFilter {
  readonly branch?: string | undefined;
  readonly tags?: Readonly<Record<string, string>>;
  /** Only builds that failed or were interrupted; or only those that ended well. */
  readonly result?: 'failed' | 'green' | undefined;
  readonly revision?: string | undefined;
  /** Only builds that started at this time or later, in milliseconds since the epoch. */
  readonly since?: number | undefined;
}

/** Reads the newest rows of a project, a request's worth. */
export async function newestRows(remote: Remote, project: string): Promise<readonly ListedRow[]> {
  const keys = await remote.list(rowsPrefix(project), undefined, PAGE);
  return keys.flatMap((key) => parseRowKey(key) ?? []);
}

/** Reads the rows of a project, the newest first, page by page. */
export async function* rowsOf(
  remote: Remote,
  project: string,
  prefix = rowsPrefix(project),
): AsyncGenerator<ListedRow> {
  let after: string | undefined;
  for (;;) {
    const keys = await remote.list(prefix, after, PAGE);
    for (const key of keys) {
      const row = parseRowKey(key);
      if (row) yield row;
    }
    if (keys.length < PAGE) return;
    after = keys.at(-1);
  }
}

/**
 * Yields the rows that a filter lets pass, the newest first. One whose key is cut is read where that matters.
 */
export async function* filteredRows(
  remote: Remote,
  project: string,
  filter: RowFilter,
): AsyncGenerator<ListedRow> {
  const until = filter.since === undefined ? undefined : rowsUntil(project, filter.since);
  for await (const row of rowsOf(remote, project)) {
    if (until !== undefined && row.key > until) return;
    if (!passesResult(row, filter)) continue;
    const looksAtTexts = filter.branch !== undefined || Object.keys(filter.tags ?? {}).length > 0;
    const known = row.cut && looksAtTexts ? await wholeRow(remote, row) : row;
    if (passesTexts(known, filter))
      yield known === row ? row : { ...row, ...known, key: row.key, cut: false };
  }
}

function passesResult({ result, revision }: ListedRow, filter: RowFilter): boolean {
  if (filter.revision !== undefined && revision !== filter.revision) return false;
  if (filter.result === undefined) return true;
  return (result === 'ok') === (filter.result === 'green');
}

function passesTexts(row: Pick<Row, 'branch' | 'tags'>, { branch, tags = {} }: RowFilter): boolean {
  if (branch !== undefined && row.branch !== branch) return false;
  return Object.entries(tags).every(([name, value]) => row.tags[name] === value);
}

/** The object of a row. @throws Failure if it has gone, or is damaged. */
export async function wholeRow(remote: Remote, { key, id }: ListedRow): Promise<Row> {
  const bytes = await remote.get(key);
  const row = bytes && parseRow(bytes.toString());
  if (!row) throw new Failure(`${remote.url}: the row of build ${id} cannot be read`);
  return row;
}

/** What a user types after the colon of `ci:…`. */
interface Wanted {
  readonly filter: RowFilter;
  /** How many builds to pass over. */
  readonly back: number;
}

/** @returns undefined for a word that is an id. */
function parseWanted(word: string): Wanted | undefined {
  if (word === '' || word === '@last') return { filter: {}, back: 0 };
  if (/^-\d{1,9}$/.test(word)) return { filter: {}, back: Number(word.slice(1)) };
  const terms = word.split(',');
  if (!terms.every((term) => /^@(?:failed|green|last)$|^-\d{1,9}$|^[\w.-]+=/.test(term))) return undefined;
  let back = 0;
  let branch: string | undefined;
  const tags: Record<string, string> = {};
  let result: RowFilter['result'];
  for (const term of terms) {
    const [name = '', value] = term.includes('=')
      ? [term.slice(0, term.indexOf('=')), term.slice(term.indexOf('=') + 1)]
      : [term];
    if (value === undefined) {
      if (name === '@failed') result = 'failed';
      else if (name === '@green') result = 'green';
      else if (name !== '@last') back = Number(name.slice(1));
    } else if (name === 'branch') branch = value;
    else tags[name] = value;
  }
  // Whoever names a branch means its last good build.
  if (branch !== undefined && !terms.some((term) => term.startsWith('@') || term.startsWith('-')))
    result = 'green';
  return { filter: { branch, tags, result }, back };
}

/**
 * Finds the build that a word means.
 * @param word `''` or `@last`, `-1`, `@failed`, `@green`, `branch=main` (its last good build), `k=v` (a tag),
 *   several of these with commas; or an id, its start, or its end.
 * @param name of the remote, for messages.
 * @throws Failure if there is none, or if there are several.
 */
export async function chooseRow(
  remote: Remote,
  project: string,
  word: string,
  name: string,
): Promise<ListedRow> {
  const wanted = parseWanted(word);
  if (!wanted) return rowById(remote, project, word, name);
  let { back } = wanted;
  for await (const row of filteredRows(remote, project, wanted.filter)) if (back-- === 0) return row;
  const { url } = remote;
  if (word === '' || word === '@last')
    throw new Failure(`no builds of ${project} in ${url}; push one: loglin push ${name}`, 1);
  throw new Failure(`build ${name}:${word}: there is none of ${project} in ${url}`, 1);
}

/** A part of an id that is shorter may be anything. */
const SHORTEST_ID = 4;

async function rowById(remote: Remote, project: string, word: string, name: string): Promise<ListedRow> {
  if (word.length < SHORTEST_ID || !/^[\w-]+$/.test(word)) throw noSuchBuild(word, name);
  const start = startOfId(word);
  // Times before the last digit of the millisecond are one row's, or some rows'.
  const prefix = start === undefined ? undefined : rowPrefix(project, start, word);
  const found: ListedRow[] = [];
  for await (const row of rowsOf(remote, project, prefix)) {
    if (row.id === word) return row;
    if (row.id.startsWith(word) || row.id.endsWith(word) || isTail(row.id, word)) found.push(row);
  }
  const [only, ...others] = found;
  if (!only) throw noSuchBuild(word, name);
  if (others.length > 0) {
    const ids = found.slice(0, 3).map(({ id }) => id);
    throw new Failure(
      `build ${name}:${word}: ${ids.join(', ')}${found.length > 3 ? ', …' : ''}; give more of the id`,
      1,
    );
  }
  return only;
}

/** Is a word the end of the id that the build has in its own store? */
function isTail(id: string, word: string): boolean {
  return id.slice(0, -13).endsWith(word);
}

function noSuchBuild(word: string, name: string): Failure {
  return new Failure(`build ${name}:${word}: there is no such build; \`loglin ls ${name}\` lists them`, 1);
}
