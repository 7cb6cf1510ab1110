// The versions of the store's files: which one this loglin writes, and which ones it reads.
// docs/journal-format.md has the rule of when a version goes up. Knows no file's content.

/** A kind of file. */
export interface Format {
  /** The oldest version that this loglin reads. */
  readonly oldest: number;
  /** The version that it writes, which is the newest that it reads. */
  readonly newest: number;
  /** The minor version that it writes. Of a higher one, it reads what it knows. */
  readonly minor: number;
}

export const JOURNAL: Format = { oldest: 1, newest: 1, minor: 0 };
export const GRAPH: Format = { oldest: 1, newest: 1, minor: 0 };
/** A cache: what an older loglin wrote is made again. */
export const HISTORY: Format = { oldest: 2, newest: 2, minor: 0 };

/**
 * What a record says of its version. A record without it is of version 1; one without `minor` is of minor
 * version 0.
 */
export interface VersionFields {
  readonly v?: number;
  readonly minor?: number;
}

/** The fields that a record of a format gets when it is written. */
export function versionFields({ newest, minor }: Format): { readonly v: number; readonly minor?: number } {
  return minor > 0 ? { v: newest, minor } : { v: newest };
}

/** Does this loglin read the version? */
export function isReadable({ oldest, newest }: Format, { v = 1 }: VersionFields): boolean {
  return v >= oldest && v <= newest;
}

/** May there be more in it than this loglin knows? Only of a version that it reads. */
export function isNewer(format: Format, { v = 1, minor = 0 }: VersionFields): boolean {
  return v === format.newest && minor > format.minor;
}

/** What is said of a file whose version is not read. */
export function readsOnly({ oldest, newest }: Format): string {
  return `this loglin reads version${oldest === newest ? '' : `s ${oldest} to`} ${newest}`;
}

/** What is said, once, of a file in which something was passed over. */
export function passedOver(file: string, format: Format, { v = 1, minor = 0 }: VersionFields): string {
  return (
    `${file}: written by a newer loglin (version ${v}.${minor}, this one knows ${format.newest}.${format.minor}): ` +
    'records of other kinds are left out'
  );
}
