// `loglin tui`: the browser.

import os from 'node:os';
import { dieOf } from '../../capture/signals.ts';
import { isFailure } from '../../model/failure.ts';
import type { Place } from '../../store/place.ts';
import { openBuild } from '../../store/reader.ts';
import type { Style } from '../../render/renderers.ts';
import { printLastWords } from '../lastwords.ts';
import { newCommand, optional, parse } from '../command.ts';
import { currentFolder, placeOf } from '../place.ts';
import { warn } from '../stderr.ts';
import { checkTerminal, styleOf } from '../terminal.ts';
import { type BuildOptions, addBuildOptions, chosenBuild } from '../buildoptions.ts';

interface Options extends BuildOptions {
  readonly color?: string | boolean;
  readonly ascii?: true;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addBuildOptions(
    newCommand('tui', 'Opens the browser: past and running builds, their jobs and logs.'),
  )
    .addOption(optional('--color [when]', 'auto, always or never', 'always'))
    .option('--no-color', 'same as --color=never')
    .option('--ascii', 'use only ASCII characters, except in text from the logs')
    .addHelpText(
      'after',
      '\nExamples:\n  loglin tui\n  loglin tui -b @failed\n  loglin --tui make -j16\n\nPress ? for the keys.\n',
    );
  return parse(cmd, args, () => tui(cmd.opts<Options>()));
}

async function tui(options: Options): Promise<number> {
  await checkTerminal();
  const own = placeOf(currentFolder(), options.store);
  const { place, id: build } =
    options.build === undefined ? { place: own, id: undefined } : await chosenBuild(own, options.build);
  const style = styleOf(options.color, options.ascii ?? false, true);
  const { browse } = await import('../../tui/main.ts');
  const browser = browse(place, build, style, warn);
  // Without one that was sent, the terminal has gone.
  let cause: Ending = 'SIGHUP';
  for (const signal of ENDING)
    process.on(signal, () => {
      const typed = signal === 'SIGINT' || signal === 'SIGQUIT';
      if (typed && browser.lent) return;
      cause = signal;
      browser.leave('gone');
    });
  if ((await browser.exited) !== 'gone') {
    if (browser.watched !== undefined) await lastWords(place, browser.watched, style);
    return 0;
  }
  const number = os.constants.signals[cause];
  await dieOf(number);
  return 128 + number;
}

/** The end of a build that ended while it was looked at. */
async function lastWords(place: Place, id: string, style: Style): Promise<void> {
  try {
    const { build, logs } = openBuild(place.store, id);
    if (build.ended) await printLastWords({ id, build, logs }, build.ended.status, place, style);
    logs.close();
  } catch (error) {
    // It was removed meanwhile.
    if (!isFailure(error)) throw error;
  }
}

const ENDING = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const;
type Ending = (typeof ENDING)[number];
