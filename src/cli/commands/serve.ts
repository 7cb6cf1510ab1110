// `loglin serve`: the page, for a browser. Prints its address, and serves until it is interrupted.

import fs from 'node:fs';
import { packageFile } from '../../capture/package.ts';
import { Failure } from '../../model/failure.ts';
import { openInBrowser } from '../../play/webbrowser.ts';
import { isLoopback, isToken, newToken } from '../../serve/access.ts';
import { startServer } from '../../serve/server.ts';
import { announce, lastToken } from '../../store/announced.ts';
import { onceToken } from '../../store/oncetoken.ts';
import { addStoreOption } from '../buildoptions.ts';
import { newCommand, parse } from '../command.ts';
import { currentFolder, placeOf } from '../place.ts';
import { print } from '../print.ts';
import { warn } from '../stderr.ts';

interface Options {
  readonly port: string;
  readonly host: string;
  readonly open?: true;
  readonly store?: string;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addStoreOption(
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
  ).addHelpText('after', '\nExamples:\n  loglin serve\n  loglin serve --open\n  loglin serve --port 8080\n');
  return parse(cmd, args, () => serve(cmd.opts<Options>()));
}

async function serve({ port, host, open, store: wanted }: Options): Promise<number> {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new Failure(`--port ${port}: want a number up to 65535`);
  const { store } = placeOf(currentFolder(), wanted);
  if (!fs.existsSync(store)) throw new Failure(`no builds in ${store}; record one: loglin make`, 1);
  const real = fs.realpathSync(store);
  const last = lastToken(real);
  const token = last !== undefined && isToken(last) ? last : newToken();
  const stopped = untilStopped();
  const server = await startServer({
    store: real,
    page: packageFile('page'),
    host,
    port: Number(port),
    token,
  });
  const forget = announce(real, server.url, token);
  print(`${server.url}?token=${token}\n`);
  if (!isLoopback(host)) warn(`${host}: what is sent is not encrypted; whoever reads it knows the token`);
  if (open) openInBrowser(`${server.url}?token=${onceToken(token)}`, warn);
  await stopped;
  forget();
  await server.close();
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
