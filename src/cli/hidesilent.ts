// Whether jobs that printed nothing are left out, if the user has not said.

import fs from 'node:fs';
import { isSilentMake } from '../capture/hooks/make/commandline.ts';
import type { Build } from '../model/build.ts';
import { type Place, configFile } from '../store/place.ts';
import type { ViewOptions } from '../render/renderers.ts';

/**
 * Adds the default of `hideSilent` to the options: the project's configuration, or else true for a silent
 * make, whose own output would be empty, too. Output for other programs has all jobs unless the option is
 * given, and so does output that shows more than the log (--commands).
 */
export async function withHideSilent<T extends ViewOptions>(
  options: T,
  { started }: Pick<Build, 'started'>,
  place: Place,
): Promise<T> {
  const { hideSilent, json, raw, quiet, commands } = options;
  if (hideSilent !== undefined || json || raw || quiet || commands) return options;
  let configured: boolean | undefined;
  // The configuration's parser takes 2 ms to load.
  if (fs.existsSync(configFile(place)))
    configured = (await import('../store/config.ts')).readConfig(place).hideSilent;
  return { ...options, hideSilent: configured ?? started?.silent ?? isSilentMake(started?.argv ?? []) };
}
