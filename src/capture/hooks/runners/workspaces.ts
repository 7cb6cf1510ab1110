// The packages of a monorepo of npm, pnpm or yarn, as their package.json files say. What cannot be read is
// left out.

import fs from 'node:fs';
import path from 'node:path';
import { readRegular } from '../../../store/plainfile.ts';
import { type Json, objectOf, textOf, textsOf } from './json.ts';

/** A package of a monorepo. */
export interface Package {
  readonly name: string;
  /** Relative to the root, '' for that itself; or absolute, as it was asked for. */
  readonly folder: string;
  readonly scripts: ReadonlySet<string>;
  /** The names of the packages that it uses. */
  readonly dependencies: readonly string[];
  readonly json: Json;
}

/** No package.json is longer, in bytes. */
const LONGEST = 4 * 1024 * 1024;
/** More packages, and folders deeper than this, are not looked for. */
const MOST = 20_000;
const DEEPEST = 8;

/** Returns a package's description; undefined if there is none in the folder, or it is damaged. */
export function readPackage(root: string, folder: string): Package | undefined {
  let json: Json;
  try {
    json = objectOf(JSON.parse(readRegular(path.resolve(root, folder, 'package.json'), LONGEST).toString()));
  } catch {
    return undefined;
  }
  const dependencies = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.keys(objectOf(json[kind])),
  );
  return {
    name: textOf(json.name) ?? path.basename(path.resolve(root, folder)),
    folder,
    scripts: new Set(Object.keys(objectOf(json.scripts))),
    dependencies: [...new Set(dependencies)],
    json,
  };
}

/** The root package and those of the workspaces, by folder. */
export function readWorkspaces(root: string): Package[] {
  const top = readPackage(root, '');
  const { workspaces } = top?.json ?? {};
  const globs = [...textsOf(workspaces), ...textsOf(objectOf(workspaces).packages), ...pnpmGlobs(root)];
  const wanted = globs.filter((glob) => !glob.startsWith('!'));
  const unwanted = globs.filter((glob) => glob.startsWith('!')).map((glob) => patternOf(glob.slice(1)));
  const folders = new Set(wanted.flatMap((glob) => expand(root, '', segments(glob))));
  const packages = [...folders]
    .filter((folder) => folder !== '' && !unwanted.some((pattern) => pattern.test(folder)))
    .sort()
    .slice(0, MOST)
    .flatMap((folder) => readPackage(root, folder) ?? []);
  return top ? [top, ...packages] : packages;
}

/** The list `packages` of pnpm-workspace.yaml, in the form in which everybody writes it. */
function pnpmGlobs(root: string): string[] {
  let text: string;
  try {
    text = readRegular(path.join(root, 'pnpm-workspace.yaml'), LONGEST).toString().replaceAll('\r\n', '\n');
  } catch {
    return [];
  }
  const [, list = ''] = /^packages:[ \t]*(?:#.*)?\n((?:[ \t]*(?:-.*|#.*)?(?:\n|$))*)/m.exec(text) ?? [];
  return [...list.matchAll(/^[ \t]*-[ \t]+(?:'([^']*)'|"([^"]*)"|([^\s#]+))/gm)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );
}

const segments = (glob: string): string[] => glob.split('/').filter((part) => part !== '' && part !== '.');

/** The folders that have a package.json and fit a glob. */
function expand(root: string, folder: string, [first, ...rest]: readonly string[], depth = 0): string[] {
  if (first === undefined) return fs.existsSync(path.join(root, folder, 'package.json')) ? [folder] : [];
  if (!/[*?]/.test(first)) return expand(root, path.posix.join(folder, first), rest, depth);
  const here = first === '**' ? expand(root, folder, rest, depth) : [];
  if (depth === DEEPEST) return here;
  const pattern = patternOf(first);
  const below = foldersIn(path.join(root, folder)).filter((name) => first === '**' || pattern.test(name));
  const left = first === '**' ? [first, ...rest] : rest;
  return [...here, ...below.flatMap((name) => expand(root, path.posix.join(folder, name), left, depth + 1))];
}

function foldersIn(folder: string): string[] {
  try {
    return fs
      .readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !/^(?:node_modules$|\.)/.test(entry.name))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** The names, or paths, that fit a glob. */
function patternOf(glob: string): RegExp {
  const source = segments(glob)
    .join('/')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(
      /\*\*\/|\*\*|\*|\?/g,
      (part) => ({ '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*' })[part] ?? '[^/]',
    );
  return new RegExp(`^${source}$`);
}
