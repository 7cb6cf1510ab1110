// The options that choose a build, and the opening of it.

import type { Command } from 'commander';
import type { Order } from '../linearize/walkoptions.ts';
import { chooseBuild } from '../store/builds.ts';
import type { Place } from '../store/place.ts';
import { type ViewedBuild, viewBuild } from '../view/viewedbuild.ts';
import { type ChosenBuild, currentFolder, placeOf } from './place.ts';

/** The options of addBuildOptions. */
export interface BuildOptions {
  readonly build?: string;
  readonly store?: string;
}

/** Adds `-b` and `--store`. */
export function addBuildOptions(command: Command): Command {
  return addStoreOption(
    command.option(
      '-b, --build <build>',
      'use another build: its id or a part of it, as ls has them; -1 (the one before the last), @failed; ci:-1, ci:@green, ci:branch=main: of the remote ci',
    ),
  );
}

export function addStoreOption(command: Command): Command {
  return command.option('--store <dir>', 'keep builds in this folder (also LOGLIN_STORE)');
}

/** Is it `ci:…`? No id of a build has a colon. */
export function isOfRemote(word: string): boolean {
  return /^[A-Za-z][\w.-]*:/.test(word);
}

/**
 * Finds the build that a user means, in the store or in a remote.
 * @param word the value of `-b`; undefined: the last one.
 * @throws Failure if there is none, or if there are several.
 */
export async function chosenBuild(place: Place, word: string | undefined): Promise<ChosenBuild> {
  if (word === undefined || !isOfRemote(word)) return { place, id: chooseBuild(place.store, word) };
  const { remoteBuild } = await import('./remotebuild.ts');
  return remoteBuild(place, word);
}

/**
 * Opens the build that the options choose, the last one by default.
 * @throws Failure if there is none, or if it cannot be read.
 */
export async function openChosenBuild(options: BuildOptions, order: Order = 'needs'): Promise<ViewedBuild> {
  const folder = currentFolder();
  const { place, id } = await chosenBuild(placeOf(folder, options.store), options.build);
  return viewBuild(place, id, folder, order);
}
