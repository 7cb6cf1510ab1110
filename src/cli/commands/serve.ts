// `loglin serve`: the page, for a browser. Prints its address, and serves until it is interrupted.

import fs from 'node:fs';
import { Failure } from '../../model/failure.ts';
import { openInBrowser } from '../../play/webbrowser.ts';
import { isLoopback } from '../../serve/access.ts';
import { chooseBuild } from '../../store/builds.ts';
import { type BuildOptions, addBuildOptions, isOfRemote } from '../buildoptions.ts';
import { newCommand, parse } from '../command.ts';
import { currentFolder, placeOf } from '../place.ts';
import { print } from '../print.ts';
import { type StoreLife, portOf, servePage } from '../servedpage.ts';
import { warn } from '../stderr.ts';

interface Options extends BuildOptions {
  readonly port: string;
  readonly host: string;
  readonly open?: true;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addBuildOptions(
    newCommand(
      'serve',
      'Shows the builds in a browser: prints the address of a page, and serves it until Ctrl-C.',
    )
      .option('--port <port>', 'listen at this port; 0 takes a free one', '0')
      .option(
        '--host <address>',
        'listen at this address; others than this machine can then reach it',
        '127.0.0.1',
      )
      .option('--open', 'also open the page in the browser'),
  ).addHelpText(
    'after',
    '\nExamples:\n  loglin serve\n  loglin serve --open\n  loglin serve --port 8080\n  loglin serve -b ci:@failed\n',
  );
  return parse(cmd, args, () => serve(cmd.opts<Options>()));
}

async function serve(options: Options): Promise<number> {
  const port = portOf(options.port);
  const place = placeOf(currentFolder(), options.store);
  const { build } = options;
  if (build !== undefined && isOfRemote(build)) {
    const { withPulledBuild } = await import('../remotebuild.ts');
    return withPulledBuild(place, build, (store, id) => serveStore(store, id, port, options, 'brief'));
  }
  const { store } = place;
  if (!fs.existsSync(store)) throw new Failure(`no builds in ${store}; record one: loglin make`, 1);
  const id = build === undefined ? undefined : chooseBuild(store, build);
  return serveStore(store, id, port, options, 'lasting');
}

/** @param id of the build that the page opens; undefined: the newest one. */
async function serveStore(
  store: string,
  id: string | undefined,
  port: number,
  { host, open }: Options,
  life: StoreLife,
): Promise<number> {
  const stopped = untilStopped();
  const page = await servePage(store, port, host, life);
  const fragment = id === undefined ? '' : `#b/${id}`;
  print(`${page.address}${fragment}\n`);
  if (!isLoopback(host)) warn(`${host}: what is sent is not encrypted; whoever reads it knows the token`);
  if (open) openInBrowser(`${page.addressOnce()}${fragment}`, warn);
  await stopped;
  await page.close();
  return 0;
}

/** Ctrl-C is how a server is ended: no failure. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => {
        resolve();
      });
  });
}
