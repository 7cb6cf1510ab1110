// From the files that tools print to files of the project. Knows no disk: whether a file is there it asks.

import { leadsOut } from '../model/inside.ts';

/** What is known of where a log was written. */
export interface Setting {
  /** The folder in which the job ran, relative to the project root ('' for the root itself); absolute where it is outside; undefined: unknown. */
  readonly folder: string | undefined;
  /** The project root. */
  readonly root: string;
  /** Is there such a file, relative to the project root? Without: nobody can tell. */
  readonly exists?: (file: string) => boolean;
}

/** @param folder the one that was entered last, if any. */
export type Resolve = (file: string, folder: string | undefined) => string;

/** Makes files relative to the project root; leaves them as printed where that is not known, or where they are outside. */
export function resolver(setting: Setting): Resolve {
  const known = new Map<string, string>();
  return (file, entered) => {
    const folder = entered ?? setting.folder;
    const key = `${folder ?? ''}\0${file}`;
    let found = known.get(key);
    if (found === undefined) {
      found = find(file.replace(/^file:\/\//, ''), folder, setting);
      // Not without limit: a log can name any number of files.
      if (known.size > 10_000) known.clear();
      known.set(key, found);
    }
    return found;
  };
}

/** A folder that a make entered: absolute as printed, or relative to where the job ran. */
export function folderOf(printed: string, setting: Setting): string {
  if (!printed.startsWith('/')) return join(setting.folder ?? '', printed);
  return inside(normal(printed), setting.root) ?? normal(printed);
}

function find(file: string, folder: string | undefined, { root, exists }: Setting): string {
  if (file.startsWith('/')) return inside(normal(file), root) ?? file;
  if (folder === undefined || /^(?:[A-Za-z]:[\\/]|<)/.test(file)) return file;
  const likely = join(folder, file);
  if (folder.startsWith('/')) return inside(likely, root) ?? file;
  if (leadsOut(likely)) return file;
  if (!exists || folder === '' || exists(likely)) return likely;
  // cargo runs rustc in the workspace's root, whichever member it was called in.
  for (let up = parent(folder); ; up = parent(up)) {
    const other = join(up, file);
    if (exists(other)) return other;
    if (up === '') return likely;
  }
}

/** Relative to the root; undefined where it is outside. */
function inside(file: string, root: string): string | undefined {
  if (file === root) return '';
  const prefix = root.endsWith('/') ? root : `${root}/`;
  return file.startsWith(prefix) ? file.slice(prefix.length) : undefined;
}

const parent = (folder: string): string => folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
const join = (folder: string, file: string): string => normal(folder === '' ? file : `${folder}/${file}`);

/** Without `.`, `..` and doubled slashes, as far as they can be taken away. */
function normal(file: string): string {
  const parts: string[] = [];
  for (const part of file.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !file.startsWith('/')) parts.push(part);
  }
  return (file.startsWith('/') ? '/' : '') + parts.join('/');
}
