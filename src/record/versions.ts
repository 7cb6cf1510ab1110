// The versions of the store's files: which one this loglin writes, and which ones it reads.
// docs/journal-format.md has the rule for incrementing them. Knows no file's content.

/** A kind of file. */
export interface Format {
  /** The oldest version that this loglin reads. */
  readonly oldest: number;
  /** The version that it writes, which is also the newest that it reads. */
  readonly newest: number;
  /** The minor version that it writes. In a file with a higher one, it reads what it knows. */
  readonly minor: number;
}

export const JOURNAL: Format = { oldest: 1, newest: 1, minor: 1 };
export const GRAPH: Format = { oldest: 1, newest: 1, minor: 0 };
/** This is a cache. What an older loglin wrote is regenerated. */
export const HISTORY: Format = { oldest: 2, newest: 2, minor: 0 };

/** The version fields of a record. Without them it has version 1 and minor version 0. */
export interface VersionFields {
  readonly v?: number;
  readonly minor?: number;
}

/** Returns the version fields of a new record of a format. */
export function versionFields({ newest, minor }: Format): { readonly v: number; readonly minor?: number } {
  return minor > 0 ? { v: newest, minor } : { v: newest };
}

/** Does this loglin read the version? */
export function isReadable({ oldest, newest }: Format, { v = 1 }: VersionFields): boolean {
  return v >= oldest && v <= newest;
}

/** May the file contain more than this loglin knows? Only for a version that it reads. */
export function isNewer(format: Format, { v = 1, minor = 0 }: VersionFields): boolean {
  return v === format.newest && minor > format.minor;
}

/** Returns the message about a file whose version cannot be read. */
export function readsOnly({ oldest, newest }: Format): string {
  return `this loglin reads version${oldest === newest ? '' : `s ${oldest} to`} ${newest}`;
}

/** Returns the message, given once, about a file in which something was skipped. */
export function passedOver(file: string, format: Format, { v = 1, minor = 0 }: VersionFields): string {
  return (
    `${file}: written by a newer loglin (version ${v}.${minor}, this one knows ${format.newest}.${format.minor}): ` +
    'records of other kinds are left out'
  );
}
