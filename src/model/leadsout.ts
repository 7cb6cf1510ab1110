// Decides from the relative path alone whether a file is in a folder. Knows no disk.

/**
 * Does a relative path, as path.relative returns it, lead out of its folder? A folder inside may be called
 * `..x`.
 * @param relative normalised, so that `..` occurs at its start only.
 */
export function leadsOut(relative: string): boolean {
  return relative === '..' || relative.startsWith('../');
}
