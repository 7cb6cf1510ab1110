// The keys of shared builds (docs/sharing.md). A build is two objects, its record and its pack of logs, and
// then a row, without which it does not exist. Row keys begin with what is left until a far day, so that the
// newest come first in a listing. All are written once and never changed; none is named by two writers.

import { BUILDS, PACK, RECORD } from '../record/sharednames.ts';

/** Says what all this is, at the root. */
export const MARKER = 'loglin.json';
export const VERSION = 1;

/** Milliseconds from the epoch to a day in 2286: the last of 13 digits. */
const FAR_DAY = 9_999_999_999_999;

const projectPrefix = (project: string): string => `v${VERSION}/${encoded(project)}/`;
export const rowsPrefix = (project: string): string => `${projectPrefix(project)}i/`;
export const buildsPrefix = (project: string): string => `${projectPrefix(project)}${BUILDS}`;
const buildPrefix = (project: string, id: string): string => `${buildsPrefix(project)}${id}/`;
export const recordKey = (project: string, id: string): string => `${buildPrefix(project, id)}${RECORD}`;
export const packKey = (project: string, id: string): string => `${buildPrefix(project, id)}${PACK}`;

/** A file of the page that shows the builds, if it lies there; only these are written again and again. */
export const pageKey = (project: string, name: string): string => `${projectPrefix(project)}${name}`;

/** The id of the build that an object, or a folder, below buildsPrefix belongs to. */
export function buildOfKey(project: string, key: string): string {
  return key.slice(buildsPrefix(project).length).split('/')[0] ?? '';
}

/** How a row's key begins. @param at when the build started, in milliseconds since the epoch. */
export function rowPrefix(project: string, at: number, id: string): string {
  const left = Math.min(FAR_DAY, Math.max(0, FAR_DAY - at));
  return `${rowsPrefix(project)}${String(left).padStart(13, '0')}-${id}`;
}

/** A build's start, by its row's key. */
export function startOfRow(left: string): number {
  return FAR_DAY - Number(left);
}

/**
 * The key before which all builds come that started at a time or later.
 * @param at in milliseconds since the epoch.
 */
export function rowsUntil(project: string, at: number): string {
  return `${rowPrefix(project, at, '')}~`;
}

/** An id as other machines see it: that of the store, and 48 bits more. */
const REMOTE_ID = /^(\d{8}-\d{9}-\w{1,16})-([0-9a-f]{12})$/;

/** The id that the build has in the store that it comes from. */
export function localId(id: string): string {
  return REMOTE_ID.exec(id)?.[1] ?? id;
}

/** When a build started, in milliseconds since the epoch, by its id; undefined if that is cut before. */
export function startOfId(id: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)(\d{3})(?:-|$)/.exec(id);
  if (!parts) return undefined;
  const [year = 0, month = 0, ...rest] = parts.slice(1).map(Number);
  return Date.UTC(year, month - 1, ...rest);
}

/** Text as a part of a key and of a file's name: `=2F` stands for a slash, and `~` is free to separate. */
export function encoded(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]/gu, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}

/** The text that was encoded. */
export function decoded(part: string): string {
  if (!part.includes('=')) return part;
  return Buffer.from(
    part.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  ).toString();
}
