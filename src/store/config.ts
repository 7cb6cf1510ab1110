// `.loglin.json`: how much of a project's builds to keep, and the project's own problem patterns. It is JSON
// with comments, edited by hand, so errors are reported with their line. Checks `keep` and `hideSilent`, but
// does not interpret `problems`. place.ts reads `workspace`. Loading this module takes 2 ms because of the
// parser. Code that works without a configuration imports it only if the file exists (configFile in
// place.ts).

import fs from 'node:fs';
import { type MemberNode, type ValueNode, evaluate, parse } from '@humanwhocodes/momoa';
import { reason } from '../model/failure.ts';
import { nearest } from '../model/nearest.ts';
import { escapeName, jsonText } from '../model/printable.ts';
import { parseSize } from '../model/size.ts';
import { type Place, configFile } from './place.ts';
import { openPlain } from './plainfile.ts';
import { DEFAULT_KEEP, type Keep } from './retention.ts';

/** The keys and indices from the root to a value. */
export type ConfigPath = readonly (string | number)[];

export interface Config {
  readonly file: string;
  /** Defaults replace missing or invalid values. */
  readonly keep: Keep;
  /** Whether jobs without output are left out. Undefined if the file does not say. */
  readonly hideSilent: boolean | undefined;
  /** Patterns of files whose changes start no build (docs/watch.md). */
  readonly watchIgnore: readonly string[];
  /**
   * The value of `problems`, or undefined if there is none. Its objects are plain. Nothing else about it has
   * been checked.
   */
  readonly problems: unknown;
  /** What the file says about builds that are shared. */
  readonly sharing: SharingConfig;
  /**
   * The errors, one line each, as complaint() returns them. If there are any, nothing may be removed, since
   * the user may have wanted to keep more.
   */
  readonly errors: readonly string[];
  /**
   * Returns `…/config.json:7: problems.patterns[2].regexp: TEXT`. If the path has no value, the line is that
   * of the enclosing value.
   */
  complaint(at: ConfigPath, text: string): string;
  /** Returns the line of the value at a path, counted from 1. */
  line(at: ConfigPath): number;
}

/** Where builds are shared, and what of them. What is missing or invalid is undefined. */
export interface SharingConfig {
  /** URLs by name. They have not been checked. */
  readonly remotes: Readonly<Record<string, string>>;
  readonly project: string | undefined;
  readonly push: 'always' | 'failed' | undefined;
  /** The URL of a collector of OpenTelemetry, which gets each build at its end. It has not been checked. */
  readonly otlp: string | undefined;
  /** Regular expressions that match secrets. */
  readonly redact: readonly string[];
}

/** A longer file was not written by hand. */
const LONGEST = 1024 * 1024;

/**
 * Reads a project's configuration. Never fails: errors are listed in `errors`, and defaults are used instead.
 */
export function readConfig(place: Place): Config {
  const file = configFile(place);
  let text: string;
  try {
    const fd = openPlain(file);
    try {
      const { size } = fs.fstatSync(fd);
      if (size > LONGEST) return check(file, undefined, [`${file}: ${size} bytes, want ${LONGEST} at most`]);
      text = fs.readFileSync(fd, 'utf8');
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return check(file, undefined, []);
    return check(file, undefined, [`${file}: ${code === 'EISDIR' ? 'not a file' : reason(error)}`]);
  }
  return parseConfig(text, file);
}

/** Like readConfig, for the file's text. */
export function parseConfig(text: string, file: string): Config {
  try {
    const { body } = parse(text.replace(/^\ufeff/, ''), { mode: 'jsonc', allowTrailingCommas: true });
    return check(file, body, []);
  } catch (error) {
    return check(file, undefined, [syntaxError(error, file, text)]);
  }
}

function syntaxError(error: unknown, file: string, text: string): string {
  if (!(error instanceof Error)) throw error;
  if (error instanceof RangeError) return `${file}: nested too deeply`;
  const { line, column } = error as { line?: number; column?: number };
  if (line === undefined || column === undefined) throw error;
  // momoa reports the unexpected end of the text at its start.
  if (error.message.startsWith('Unexpected end of input'))
    return `${file}:${text.trimEnd().split('\n').length}: want JSON, found the end of the file`;
  const what = escapeName(error.message.replace(/ found\. \(\d+:\d+\)$/, '').replace(/^U/, 'u'));
  return `${file}:${line}: want JSON, found ${what} at column ${column}`;
}

function check(file: string, body: ValueNode | undefined, errors: string[]): Config {
  const line = (at: ConfigPath): number => find(body, at).loc?.start.line ?? 1;
  const complaint = (at: ConfigPath, text: string): string =>
    `${file}:${line(at)}: ${at.length === 0 ? '' : `${pathText(at)}: `}${text}`;
  const bad = (at: ConfigPath, want: string, found: unknown): void => {
    errors.push(complaint(at, `want ${want}, found ${shortened(found)}`));
  };
  /** Returns the members of the object at a path, after checking that it is one and has only these keys. */
  const members = (
    node: ValueNode | undefined,
    at: ConfigPath,
    known: readonly string[],
  ): Record<string, unknown> => {
    if (!node) return {};
    const value: unknown = evaluate(node);
    if (!isObject(value)) {
      bad(at, 'an object', value);
      return {};
    }
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue;
      const [near] = nearest(key, known);
      errors.push(
        complaint(
          [...at, key],
          `no such key; ${near === undefined ? `known: ${known.join(', ')}` : `nearest: ${near}`}`,
        ),
      );
    }
    return value;
  };

  const all = members(body, [], ['keep', 'problems', 'workspace', 'hideSilent', 'watch', ...SHARING]);
  const keep = members(memberOf(body, 'keep')?.value, ['keep'], ['builds', 'bytes', 'auto']);
  let { builds, bytes, auto } = DEFAULT_KEEP;
  if (keep.builds !== undefined) {
    if (isWhole(keep.builds)) builds = keep.builds;
    else bad(['keep', 'builds'], 'a whole number', keep.builds);
  }
  if (keep.bytes !== undefined) {
    const size = typeof keep.bytes === 'string' ? parseSize(keep.bytes) : keep.bytes;
    if (isWhole(size)) bytes = size;
    else bad(['keep', 'bytes'], 'a size like "2GiB"', keep.bytes);
  }
  if (keep.auto !== undefined) {
    if (typeof keep.auto === 'boolean') auto = keep.auto;
    else bad(['keep', 'auto'], 'true or false', keep.auto);
  }
  if (all.workspace !== undefined && typeof all.workspace !== 'boolean')
    bad(['workspace'], 'true or false', all.workspace);
  let hideSilent: boolean | undefined;
  if (typeof all.hideSilent === 'boolean') hideSilent = all.hideSilent;
  else if (all.hideSilent !== undefined) bad(['hideSilent'], 'true or false', all.hideSilent);
  const sharing = sharingOf(all, bad);
  const { problems } = all;
  const { ignore = [] } = members(memberOf(body, 'watch')?.value, ['watch'], ['ignore']);
  if (!isTexts(ignore)) bad(['watch', 'ignore'], 'a list of patterns', ignore);
  const watchIgnore = isTexts(ignore) ? ignore : [];
  const limits = { builds, bytes, auto };
  return { file, keep: limits, hideSilent, watchIgnore, problems, sharing, errors, complaint, line };
}

const SHARING = ['remotes', 'project', 'push', 'redact', 'otlp'] as const;

/** Checks the members about sharing. @param bad reports a value that is not what it should be. */
function sharingOf(
  all: Readonly<Record<string, unknown>>,
  bad: (at: ConfigPath, want: string, found: unknown) => void,
): SharingConfig {
  const text = (key: string): string | undefined => {
    const value = all[key];
    if (typeof value === 'string' && value !== '') return value;
    if (value !== undefined) bad([key], 'a text', value);
    return undefined;
  };
  const remotes: Record<string, string> = {};
  if (all.remotes !== undefined && !isObject(all.remotes)) bad(['remotes'], 'an object', all.remotes);
  for (const [name, url] of Object.entries(isObject(all.remotes) ? all.remotes : {})) {
    if (typeof url === 'string') remotes[name] = url;
    else bad(['remotes', name], 'a URL or a folder', url);
  }
  const { push, redact } = all;
  const when = push === 'always' || push === 'failed' ? push : undefined;
  if (push !== undefined && when === undefined) bad(['push'], '"always" or "failed"', push);
  const patterns: string[] = [];
  if (redact !== undefined && !Array.isArray(redact))
    bad(['redact'], 'a list of regular expressions', redact);
  for (const [i, pattern] of (Array.isArray(redact) ? (redact as unknown[]) : []).entries()) {
    if (typeof pattern === 'string' && isRegExp(pattern)) patterns.push(pattern);
    else bad(['redact', i], 'a regular expression', pattern);
  }
  return { remotes, project: text('project'), push: when, redact: patterns, otlp: text('otlp') };
}

function isRegExp(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns the node at a path, or the last existing one on the way there. For a member, this is its name,
 * where a reader would look.
 */
function find(body: ValueNode | undefined, at: ConfigPath): { readonly loc?: ValueNode['loc'] } {
  let node: ValueNode | undefined = body;
  let found: { readonly loc?: ValueNode['loc'] } = body ?? {};
  for (const key of at) {
    if (typeof key === 'string') {
      const member = memberOf(node, key);
      if (!member) break;
      node = member.value;
      found = member;
    } else {
      const element: ValueNode | undefined = node?.type === 'Array' ? node.elements[key]?.value : undefined;
      if (!element) break;
      node = element;
      found = element;
    }
  }
  return found;
}

/** Takes the last member of that name, like JSON.parse. */
function memberOf(node: ValueNode | undefined, key: string): MemberNode | undefined {
  if (node?.type !== 'Object') return undefined;
  return node.members.findLast(({ name }) => (name.type === 'String' ? name.value : name.name) === key);
}

function pathText(at: ConfigPath): string {
  return at
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${keyText(key)}`))
    .join('');
}

/** A key may hold anything, including escape sequences for the terminal. */
function keyText(key: string): string {
  return /^[\w-]+$/.test(key) ? key : shortened(key);
}

function shortened(value: unknown): string {
  const text = jsonText(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
