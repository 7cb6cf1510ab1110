// The row of a shared build: what listings show and what builds are chosen by. It is an object of its own, in
// JSON; and its key holds most of it, so that a listing needs one request for a thousand builds.

import { startOfRow, decoded, encoded, rowPrefix } from './layout.ts';

/** How a build ended. */
export type RowResult = 'ok' | 'interrupted' | { readonly exit: number } | { readonly signal: number };

/** What a row's key holds. */
export interface RowSummary {
  readonly id: string;
  /** When the build started, in milliseconds since the epoch. */
  readonly at: number;
  readonly result: RowResult;
  /** In milliseconds. */
  readonly ms: number;
  readonly jobs: number;
  readonly failed: number;
  /** Counted in the logs; undefined if nobody has. */
  readonly errors?: number | undefined;
  readonly warnings?: number | undefined;
  readonly revision?: string | undefined;
  /** The tree had no changes that were not committed, as far as is known. */
  readonly clean?: boolean | undefined;
  readonly branch?: string | undefined;
  readonly command: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** All of a row. */
export interface Row extends RowSummary {
  readonly v: number;
  readonly project: string;
  readonly host?: string;
  /** The run of the CI system. */
  readonly url?: string;
  /** The targets that failed, no more than MOST_FAILED of them. */
  readonly failures: readonly string[];
  /** The sizes of the record, the pack, and the logs in it, in bytes. */
  readonly sizes: { readonly record: number; readonly pack: number; readonly logs: number };
}

export const MOST_FAILED = 50;

/** A row as its key has it. */
export interface ListedRow extends RowSummary {
  readonly key: string;
  /** The key was too short for its tags, its branch or its command: the object has them. */
  readonly cut: boolean;
}

/** No file system allows longer names, in bytes. */
const LONGEST_NAME = 255;

/** The key of a row. */
export function rowKey(row: Row): string {
  const start = rowPrefix(row.project, row.at, row.id);
  const fixed = [
    resultText(row.result),
    numberText(row.ms),
    numberText(row.jobs),
    numberText(row.failed),
    numberText(row.errors),
    numberText(row.warnings),
    // As git describe has it: changes may have come to it.
    row.revision === undefined ? '' : `${encoded(row.revision)}${row.clean === true ? '' : '+'}`,
  ];
  const tags = Object.entries(row.tags).map(([name, value]) => `${encoded(name)}!${encoded(value)}`);
  const texts = [encoded(row.branch ?? ''), tags.join(','), encoded(row.command)];
  const name = start.slice(start.lastIndexOf('/') + 1);
  const cutMark = '!';
  let left = LONGEST_NAME - name.length - fixed.join('~').length - cutMark.length - 1 - texts.length;
  let cut = false as boolean;
  const fitted = texts.map((text, i) => {
    if (text.length <= left) {
      left -= text.length;
      return text;
    }
    cut = true;
    // A part of a command is better than nothing; a part of a branch's name is another branch.
    const part = i === texts.length - 1 ? startOf(row.command, left) : '';
    left -= part.length;
    return part;
  });
  return [start, ...fixed, ...fitted].join('~') + (cut ? cutMark : '');
}

/** The start of a text, of whole characters, that is no longer than this when it is encoded. */
function startOf(text: string, most: number): string {
  let start = '';
  for (const character of text) {
    const next = encoded(character);
    if (start.length + next.length > most) break;
    start += next;
  }
  return start;
}

const KEY = /^(\d{13})-([^~]+)~([^~]+)~(\d*)~(\d*)~(\d*)~(\d*)~(\d*)~([^~]*)~([^~]*)~([^~]*)~([^~!]*)(!?)$/;

/** What a key says; undefined for a key that is no row's. */
export function parseRowKey(key: string): ListedRow | undefined {
  const parts = KEY.exec(key.slice(key.lastIndexOf('/') + 1));
  if (!parts) return undefined;
  const [, left = '', id = '', end = '', ms, jobs, failed, errors, warnings] = parts;
  const [revision = '', branch = '', tags = '', command = '', cut = ''] = parts.slice(9);
  const result = parseResult(end);
  const commit = revision.replace(/\+$/, '');
  if (!result || !/^[\w-]+$/.test(id)) return undefined;
  return {
    key,
    cut: cut !== '',
    id,
    at: startOfRow(left),
    result,
    ms: Number(ms),
    jobs: Number(jobs),
    failed: Number(failed),
    errors: errors === '' ? undefined : Number(errors),
    warnings: warnings === '' ? undefined : Number(warnings),
    revision: commit === '' ? undefined : decoded(commit),
    clean: commit !== '' && commit === revision,
    branch: branch === '' ? undefined : decoded(branch),
    command: decoded(command),
    tags: parseTags(tags),
  };
}

/** The row of an object's text; undefined if it is none. */
export function parseRow(text: string): Row | undefined {
  let row: Partial<Row> | null;
  try {
    row = JSON.parse(text) as Partial<Row> | null;
  } catch {
    return undefined;
  }
  const whole =
    typeof row?.id === 'string' &&
    typeof row.at === 'number' &&
    row.result !== undefined &&
    typeof row.project === 'string' &&
    Array.isArray(row.failures) &&
    typeof row.sizes?.record === 'number';
  return whole ? (row as Row) : undefined;
}

function parseTags(text: string): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const part of text === '' ? [] : text.split(',')) {
    const [name = '', value = ''] = part.split('!');
    tags[decoded(name)] = decoded(value);
  }
  return tags;
}

const numberText = (value: number | undefined): string =>
  value === undefined ? '' : String(Math.max(0, Math.round(value)));

function resultText(result: RowResult): string {
  if (typeof result === 'string') return result;
  return 'exit' in result ? `exit${result.exit}` : `signal${result.signal}`;
}

function parseResult(text: string): RowResult | undefined {
  if (text === 'ok' || text === 'interrupted') return text;
  const [, kind, number] = /^(exit|signal)(\d+)$/.exec(text) ?? [];
  if (kind === undefined) return undefined;
  return kind === 'exit' ? { exit: Number(number) } : { signal: Number(number) };
}
