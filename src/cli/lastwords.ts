// What is printed last of a build that was shown while it ran, in plain output or by the browser: the failure
// report, or else a line with how many jobs there were.

import fs from 'node:fs';
import { displayNames } from '../linearize/names.ts';
import { type Build, type Job, succeeded } from '../model/build.ts';
import type { Status } from '../model/events.ts';
import { lineEnds } from '../record/logsource.ts';
import { duration } from '../render/formats.ts';
import { silentJobs } from '../render/hidesilent.ts';
import type { LogSource } from '../record/logsource.ts';
import type { Place } from '../store/place.ts';
import type { Style } from '../render/renderers.ts';
import { currentFolder } from './place.ts';
import { print } from './print.ts';
import { warn } from './stderr.ts';

export interface Ending {
  readonly build: Build;
  readonly logs: LogSource;
  readonly status: Status;
  readonly nameOf: (job: Job) => string;
  readonly place: Place;
  readonly style: Style;
  /** stdout is a terminal. */
  readonly terminal: boolean;
  /** Nothing of the logs was printed. */
  readonly quiet: boolean;
}

/** The failure report; '' if the command succeeded. @param slow as for reportFailures. */
export async function reportOf(ending: Ending, slow: (text: string) => void): Promise<string> {
  const { status } = ending;
  if (succeeded(status)) return '';
  // The patterns, and the configuration's parser, take 3 ms to load.
  const { reportFailures } = await import('../view/failurereport.ts');
  return reportFailures(reportSetting(ending), slow);
}

/** Files are named from where loglin was started. */
export function reportSetting(ending: Ending): Ending & { readonly folder: string } {
  return { ...ending, folder: currentFolder() };
}

/** Says where the page of a build is, if `loglin serve` runs for its store. */
export async function sayPage({ store }: Pick<Place, 'store'>, id: string): Promise<void> {
  const { announcedAddress } = await import('../store/announced.ts');
  let real: string;
  try {
    real = fs.realpathSync(store);
  } catch {
    // It was removed meanwhile: there is no page of it.
    return;
  }
  const address = announcedAddress(real);
  if (address !== undefined) warn(`page: ${address}#b/${id}`);
}

/** Prints what is left of a build that was shown by the browser. @param status how the command ended. */
export async function printLastWords(
  { id, build, logs }: { readonly id: string; readonly build: Build; readonly logs: LogSource },
  status: Status,
  place: Place,
  style: Style,
): Promise<void> {
  const nameOf = displayNames(build, 'needs', lineEnds(logs, false));
  const report = await reportOf(
    { build, logs, status, nameOf, place, style, terminal: true, quiet: true },
    warn,
  );
  print(report);
  if (report === '' || build.ended?.interrupted) {
    const last = await howMany({ build, logs }, place, false, warn);
    if (last !== '') warn(last);
  }
  await sayPage(place, id);
}

/**
 * How many jobs were recorded, what they complained of, and whether the build was stopped; '' if there is
 * nothing to say.
 */
export async function howMany(
  { build, logs }: Pick<Ending, 'build' | 'logs'>,
  place: Place,
  hidden: boolean,
  slow: (text: string) => void,
): Promise<string> {
  const jobs = build.jobs.length - 1;
  const stopped = build.ended?.interrupted ?? false;
  if (jobs === 0 && !stopped) return '';
  const [count, them] = jobs === 1 ? ['1 job', 'it'] : [`${jobs} jobs`, 'them'];
  const silent = hidden ? silentJobs(build) : 0;
  // The patterns take some milliseconds to load.
  const problems = stopped
    ? ''
    : (await import('../view/problemcount.ts')).problemCount(build, logs, place, slow);
  const what = [
    `${stopped ? 'interrupted: ' : ''}${count} in ${duration(build.ended?.t ?? build.time)}`,
    ...(silent > 0 ? [`${silent} silent`] : []),
    ...(problems === '' ? [] : [problems]),
  ].join(', ');
  if (jobs === 0) return what;
  if (problems !== '') return `${what}; see loglin problems`;
  return silent > 0 ? `${what}; loglin jobs lists ${them}` : `${what}; loglin show prints ${them} again`;
}
