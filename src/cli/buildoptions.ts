// The options that choose a build, and the opening of it.

import type { Command } from 'commander';
import type { Order } from '../linearize/walkoptions.ts';
import { chooseBuild } from '../store/builds.ts';
import { type ViewedBuild, viewBuild } from '../view/viewedbuild.ts';
import { currentFolder, placeOf } from './place.ts';

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
      'use another build: its id or a part of it, as ls has them; -1 (the one before the last), @failed',
    ),
  );
}

export function addStoreOption(command: Command): Command {
  return command.option('--store <dir>', 'keep builds in this folder (also LOGLIN_STORE)');
}

/**
 * Opens the build that the options choose, the last one by default.
 * @throws Failure if there is none, or if it cannot be read.
 */
export function openChosenBuild(options: BuildOptions, order: Order = 'needs'): ViewedBuild {
  const folder = currentFolder();
  const place = placeOf(folder, options.store);
  return viewBuild(place, chooseBuild(place.store, options.build), folder, order);
}
