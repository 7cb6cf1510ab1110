// `loglin import FILE`: imports an exported build or a stream of events (docs/import.md). `loglin import redo
// [DIR]`: imports a redo tree's own logs as builds.

import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { importRedo } from '../../capture/hooks/redo/import.ts';
import { findBase } from '../../capture/hooks/redo/tree.ts';
import { StreamImport, type StreamResult } from '../../capture/imports/import.ts';
import type { StreamKind } from '../../capture/imports/kind.ts';
import { KINDS } from '../../capture/imports/list.ts';
import { Failure, isFailure, reason } from '../../model/failure.ts';
import { parseSize, sizeText } from '../../model/size.ts';
import { abandonImport, importBuild } from '../../store/archive.ts';
import { fromRoot } from '../../model/shownname.ts';
import type { Place } from '../../store/place.ts';
import { newCommand, parse } from '../command.ts';
import { currentFolder, placeOf } from '../place.ts';
import { print } from '../print.ts';
import { addStoreOption } from '../buildoptions.ts';
import { warnAll } from '../stderr.ts';

interface Options {
  readonly store?: string;
  readonly max: string;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addStoreOption(
    newCommand(
      'import',
      'Imports an exported build, a stream of build events as it arrives, or the logs of a redo tree; `loglin show -b` prints it then.',
    )
      .usage('[options] <file>|<kind> <file>|redo [dir]')
      .argument(
        '<file>',
        'a file that loglin export wrote, or a stream of events, one JSON object per line; - for stdin',
      )
      .argument('[dir]', 'with redo: a folder of the tree, by default the current one')
      .option('--max <size>', 'reject what is larger than this when unpacked', '8GiB'),
  ).addHelpText(
    'after',
    `
The kind of events, if it should not be guessed from the first one:
  ndjson     what loglin show --json and loglin --json make print
  go-test    what go test -json prints

Examples:
  loglin import build.tar.gz
  curl -s https://ci.example/build.tar.gz | loglin import -
  go test -json ./... | loglin import -
  loglin show --json | ssh host 'cd project && loglin import ndjson -'
  loglin import redo
`,
  );
  return parse(cmd, args, () => {
    const [what = '', file] = cmd.args;
    const options = cmd.opts<Options>();
    if (what === 'redo') return Promise.resolve(importTree(file ?? '.', options.store));
    const kind = KINDS.find(({ name }) => name === what);
    if (kind) {
      if (file === undefined)
        throw new Failure(`import ${what}: of which file? - is stdin; a file of that name is ./${what}`);
      return importFile(file, kind, options);
    }
    if (file !== undefined) throw new Failure(`import ${what} ${file}: one file at a time`);
    return importFile(what, undefined, options);
  });
}

/** @param kind of a stream of events; undefined: as its beginning says. */
async function importFile(what: string, kind: StreamKind | undefined, options: Options): Promise<number> {
  const folder = currentFolder();
  const place = placeOf(folder, options.store);
  const most = parseSize(options.max);
  if (most === undefined) throw new Failure(`--max ${options.max}: want a size, as 500M or 20GiB`);
  const name = what === '-' ? 'stdin' : path.resolve(folder, what);
  const input = fs.createReadStream('', { fd: what === '-' ? 0 : openArchive(name) });
  const chunks = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const beginning = await readBeginning(chunks, name);
  const all = (async function* () {
    yield beginning;
    yield* { [Symbol.asyncIterator]: () => chunks };
  })();
  const text = isText(beginning);
  if (kind || (text && holdsEvent(beginning))) return importStream(all, kind, { place, folder, name, most });
  if (text)
    throw new Failure(
      `${name}: neither a file of loglin export nor a stream of events (loglin help import); nothing was imported`,
    );
  const { store } = place;
  // A read from a pipe cannot be cancelled, so the signal ends the process.
  onSignal(() => {
    abandonImport(store);
  });
  const id = await importBuild(store, Readable.from(all, { objectMode: false }), { name, most });
  print(`${id}  imported\n`);
  return 0;
}

/**
 * Reads until it is clear whether this is an archive or a stream: a tool may print text before its first
 * event.
 * @throws Failure if it cannot be read.
 */
async function readBeginning(chunks: AsyncIterator<Buffer>, name: string): Promise<Buffer> {
  let beginning = Buffer.alloc(0);
  try {
    while (
      beginning.length < 2 ||
      (isText(beginning) && !holdsEvent(beginning) && beginning.length < MOST_TEXT)
    ) {
      const next = await chunks.next();
      if (next.done) break;
      beginning = Buffer.concat([beginning, next.value]);
    }
  } catch (error) {
    throw new Failure(`${name}: ${reason(error)}`);
  }
  return beginning;
}

/** In bytes. If no event has come by then, none will. */
const MOST_TEXT = 1 << 20;

/** Neither gzip nor tar, which has NULs in its first block. */
const isText = (beginning: Buffer): boolean => beginning[0] !== 0x1f && !beginning.includes(0);

/** A line that begins as an object. */
const holdsEvent = (text: Buffer): boolean => /^\s*\{/m.test(text.toString('latin1'));

const FLUSH_MS = 100;

interface StreamSetting {
  readonly place: Place;
  readonly folder: string;
  readonly name: string;
  readonly most: number;
}

async function importStream(
  input: AsyncIterable<Buffer>,
  kind: StreamKind | undefined,
  { place, folder, name, most }: StreamSetting,
): Promise<number> {
  const stream = new StreamImport({ place, cwd: fromRoot(place.root, folder) }, name, kind);
  onSignal(() => {
    tellStream(stream.finish(true));
  });
  let failure: Failure | undefined;
  let bytes = 0;
  const timer = setInterval(() => {
    try {
      stream.flush();
    } catch (error) {
      // The next chunk fails in the same way, and the failure is reported there.
      if (!isFailure(error)) throw error;
    }
  }, FLUSH_MS);
  try {
    for await (const chunk of input) {
      bytes += chunk.length;
      if (bytes > most) {
        failure = new Failure(
          `${name}: more than ${sizeText(most)}; what came is kept; if that is right: --max`,
        );
        break;
      }
      stream.push(chunk);
    }
  } catch (error) {
    if (isFailure(error)) throw error;
    failure = new Failure(`${name}: ${reason(error)}`);
  } finally {
    clearInterval(timer);
  }
  const status = tellStream(stream.finish(failure !== undefined));
  if (failure) throw failure;
  return status;
}

/** @returns the exit status. */
function tellStream({ id, jobs, remarks, damaged }: StreamResult): number {
  print(`${id}  ${jobs} ${jobs === 1 ? 'job' : 'jobs'}\n`);
  warnAll(remarks);
  return damaged ? 1 : 0;
}

/** Runs an action when a signal comes, then lets the signal end the process. */
function onSignal(action: () => void): void {
  const stop = (signal: NodeJS.Signals): void => {
    try {
      action();
    } finally {
      process.kill(process.pid, signal);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
}

function openArchive(file: string): number {
  try {
    const fd = fs.openSync(file, 'r');
    if (!fs.fstatSync(fd).isDirectory()) return fd;
    fs.closeSync(fd);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const hint = missing ? '; see loglin help import' : '';
    throw new Failure(`${file}: ${reason(error)}${hint}`);
  }
  throw new Failure(`${file}: is a directory; want a file that loglin export has written`);
}

function importTree(dir: string, store: string | undefined): number {
  const folder = path.resolve(currentFolder(), dir);
  const place = placeOf(folder, store);
  const base = findBase(folder);
  if (base === undefined) throw new Failure(`${folder}: no .redo here or above; run redo first`);
  const { builds, problems } = importRedo(base, store === undefined ? placeOf(base, store) : place);
  for (const { id, jobs, known } of builds)
    print(`${id}  ${jobs} ${jobs === 1 ? 'job' : 'jobs'}${known ? ', was there already' : ''}\n`);
  return warnAll(problems) ? 1 : 0;
}
