// The lines that `loglin watch` prints around a build. They stay as they are, since editors look for them
// (docs/watch.md).

/** A file that has changed, by its name. */
export interface Change {
  readonly name: string;
  readonly gone: boolean;
}

const MOST_NAMED = 3;

/**
 * Why a build is started.
 * @param changes none: it is the first one.
 * @param targets how many depend on what changed; undefined if that is not known.
 */
export function reasonLine(changes: readonly Change[], targets: number | undefined, ascii: boolean): string {
  const mark = ascii ? '>' : '▸';
  if (changes.length === 0) return `${mark} watch: first build`;
  const named = changes.slice(0, MOST_NAMED).map(({ name }) => name);
  const more = changes.length - named.length;
  const names = named.join(', ') + (more > 0 ? ` and ${more} more` : '');
  const what = changes.every(({ gone }) => gone) ? 'removed' : 'changed';
  const effect =
    targets === undefined ? '' : ` ${ascii ? '->' : '→'} ${targets} ${targets === 1 ? 'target' : 'targets'}`;
  return `${mark} watch: ${names} ${what}${effect}`;
}

/** @param files how many are watched. */
export function watchingLine(files: number): string {
  return `watching ${files} ${files === 1 ? 'file' : 'files'}`;
}
