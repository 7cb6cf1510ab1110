// `loglin tui`: the browser.

import os from 'node:os';
import { chooseBuild } from '../../store/builds.ts';
import { openBrowser } from '../browser.ts';
import { newCommand, optional, parse } from '../command.ts';
import { type BuildOptions, addBuildOptions } from '../opened.ts';
import { currentFolder, placeOf } from '../place.ts';
import { checkTerminal, look } from '../terminal.ts';

interface Options extends BuildOptions {
  readonly color?: string | boolean;
  readonly ascii?: true;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addBuildOptions(
    newCommand('tui', 'Opens the browser: past and running builds, their jobs, their logs.'),
  )
    .addOption(optional('--color [when]', 'auto, always or never', 'always'))
    .option('--no-color', 'as --color=never')
    .option('--ascii', 'no characters beyond ASCII but for those of the logs')
    .addHelpText(
      'after',
      '\nExamples:\n  loglin tui\n  loglin tui -b @failed\n  loglin --tui make -j16\n\n? shows the keys.\n',
    );
  return parse(cmd, args, () => tui(cmd.opts<Options>()));
}

async function tui(options: Options): Promise<number> {
  await checkTerminal();
  const place = placeOf(currentFolder(), options.store);
  const build = options.build === undefined ? undefined : chooseBuild(place.store, options.build);
  const browser = await openBrowser(place, build, look(options.color, options.ascii ?? false, true));
  // The screen is given back when the process exits.
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const)
    process.on(signal, () => {
      process.exit(128 + os.constants.signals[signal]);
    });
  return (await browser.left) === 'gone' ? 129 : 0;
}
