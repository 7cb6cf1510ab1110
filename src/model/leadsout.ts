// Is a file in a folder? Of the relative path from one to the other only: knows no disk.

/**
 * Does a path relative to a folder, as path.relative makes it, lead out of that folder? A folder inside may
 * be called `..x`.
 * @param relative normalised: `..` stands at its start only.
 */
export function leadsOut(relative: string): boolean {
  return relative === '..' || relative.startsWith('../');
}
