// Which remotes a project has: those of its `.loglin.json`, which everybody has, then those of the store,
// which `loglin remote add` keeps. And by which name the project's builds are kept there.

import fs from 'node:fs';
import path from 'node:path';
import { Failure, reason } from '../model/failure.ts';
import { type Place, configFile } from '../store/place.ts';
import { makeStore, writePrivate } from '../store/privatefiles.ts';
import { readPlain, readRegular } from '../store/plainfile.ts';
import { iniSections } from './ini.ts';
import { remoteUrl } from './open.ts';

export interface NamedRemote {
  readonly name: string;
  /** As openRemote takes it. */
  readonly url: string;
  /** Kept in the project's configuration, not in the store. */
  readonly shared: boolean;
}

/** What `.loglin.json` says about sharing. */
export interface Sharing {
  readonly remotes: readonly NamedRemote[];
  readonly project: string;
  /** When a build is pushed at its end. */
  readonly push: 'always' | 'failed' | undefined;
  /** Regular expressions that match secrets. */
  readonly redact: readonly string[];
  /** What is wrong with it, a line each. */
  readonly errors: readonly string[];
}

/** A name that can stand before a colon on a command line. */
const NAME = /^[A-Za-z][\w.-]*$/;

/** Reads all that a project says about sharing. */
export async function readSharing(place: Place): Promise<Sharing> {
  const file = configFile(place);
  const config = fs.existsSync(file) ? (await import('../store/config.ts')).readConfig(place) : undefined;
  const { sharing } = config ?? {};
  const errors = [...(config?.errors ?? [])];
  const shared: NamedRemote[] = [];
  for (const [name, url] of Object.entries(sharing?.remotes ?? {})) {
    try {
      if (!NAME.test(name)) throw new Failure(`${name}: want a name of letters, digits, -, _ and .`);
      shared.push({ name, url: remoteUrl(url, place.root), shared: true });
    } catch (error) {
      errors.push(`${file}: remotes: ${reason(error)}`);
    }
  }
  const own = storedRemotes(place.store).filter(({ name }) => !shared.some((one) => one.name === name));
  return {
    remotes: [...shared, ...own],
    project: sharing?.project ?? projectName(place),
    push: sharing?.push,
    redact: sharing?.redact ?? [],
    errors,
  };
}

const remotesFile = (store: string): string => path.join(store, 'remotes.json');

function storedRemotes(store: string): NamedRemote[] {
  const file = remotesFile(store);
  let text: string;
  try {
    text = readPlain(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new Failure(`${file}: ${reason(error)}`);
  }
  try {
    const kept = JSON.parse(text) as Record<string, unknown>;
    return Object.entries(kept).flatMap(([name, url]) =>
      NAME.test(name) && typeof url === 'string' ? [{ name, url: remoteUrl(url, '/'), shared: false }] : [],
    );
  } catch (error) {
    throw new Failure(
      `${file}: ${error instanceof SyntaxError ? 'not JSON' : reason(error)}; remove it, and add the remotes again`,
    );
  }
}

/** @throws Failure if the name or the URL is wrong, or if there is a remote of that name. */
export function addRemote(
  place: Place,
  { remotes }: Sharing,
  name: string,
  url: string,
  folder: string,
): NamedRemote {
  if (!NAME.test(name)) throw new Failure(`${name}: want a name of letters, digits, -, _ and .`);
  const known = remotes.find((one) => one.name === name);
  if (known) throw new Failure(`${name}: is ${known.url} already; loglin remote rm ${name}`, 1);
  const added = { name, url: remoteUrl(url, folder), shared: false };
  writeRemotes(place.store, [...storedRemotes(place.store), added]);
  return added;
}

/** @throws Failure if there is no such remote, or if the project's configuration has it. */
export function removeRemote(place: Place, sharing: Sharing, name: string): void {
  const known = findRemote(sharing, name);
  if (known.shared) throw new Failure(`${name}: is in ${configFile(place)}; remove it there`, 1);
  writeRemotes(
    place.store,
    storedRemotes(place.store).filter((one) => one.name !== name),
  );
}

function writeRemotes(store: string, remotes: readonly NamedRemote[]): void {
  const file = remotesFile(store);
  const kept = Object.fromEntries(remotes.map(({ name, url }) => [name, url]));
  try {
    makeStore(store);
    writePrivate(`${file}.new`, `${JSON.stringify(kept, undefined, 2)}\n`);
    fs.renameSync(`${file}.new`, file);
  } catch (error) {
    throw new Failure(`${file}: ${reason(error)}`);
  }
}

/**
 * Returns the remote of a name; without one, the first.
 * @throws Failure if there is none.
 */
export function findRemote({ remotes }: Pick<Sharing, 'remotes'>, name?: string): NamedRemote {
  const found = name === undefined ? remotes[0] : remotes.find((one) => one.name === name);
  if (found) return found;
  if (remotes.length === 0)
    throw new Failure('no remote is known; add one: loglin remote add ci s3://bucket/prefix', 1);
  throw new Failure(`${name ?? ''}: no such remote; known: ${remotes.map((one) => one.name).join(', ')}`, 1);
}

/** What a project is called in a remote: as git's first remote is, or else as the root's folder. */
function projectName({ root, git }: Place): string {
  const url = git === undefined ? undefined : firstRemote(git);
  const name = url === undefined ? '' : repositoryName(url);
  return name === '' ? path.basename(root) || 'root' : name;
}

/** The most bytes that are read of a file of git's. */
const LONGEST = 1024 * 1024;

function firstRemote(git: string): string | undefined {
  const read = (file: string): string => readRegular(file, LONGEST).toString();
  try {
    let folder = git;
    try {
      folder = path.resolve(git, read(path.join(git, 'commondir')).trim());
    } catch {
      // A work tree of its own.
    }
    const sections = iniSections(read(path.join(folder, 'config')));
    return sections.find(({ name }) => name.startsWith('remote "'))?.values.url;
  } catch {
    return undefined;
  }
}

/** `github.com/owner/name`, of whatever form of URL; without a user and a password. */
export function repositoryName(url: string): string {
  const plain = url
    .trim()
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  const [, host = '', rest = ''] = /^(?:[a-z][a-z0-9+.-]*:\/\/)(?:[^@/]*@)?([^/]*)\/?(.*)$/i.exec(plain) ??
    /^(?:[^@/]*@)?([^:/]+):(?!\/)(.*)$/.exec(plain) ?? ['', '', plain];
  const name = [host.replace(/:\d+$/, ''), rest].filter(Boolean).join('/');
  return name.startsWith('/') ? path.basename(name) : name;
}
