// `loglin export`: a build as one file, for CI's artefacts and for colleagues.

import fs from 'node:fs';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { Option } from 'commander';
import { Failure, isFailure, reason } from '../../model/failure.ts';
import { exportBuild } from '../../store/archive.ts';
import { chooseBuild, summarise } from '../../store/builds.ts';
import type { Place } from '../../store/place.ts';
import { noteFailure } from '../autopush.ts';
import { NO_SECRETS, type Secrets, secretsFrom, secretsOf } from '../../store/redact.ts';
import { newCommand, parse } from '../command.ts';
import type { Redaction } from '../htmlbuild.ts';
import { writeOutput, writePieces } from '../output.ts';
import { currentFolder, placeOf } from '../place.ts';
import { warn } from '../stderr.ts';
import { isTerminal } from '../terminal.ts';
import { type BuildOptions, addBuildOptions, isOfRemote } from '../buildoptions.ts';

interface Options extends BuildOptions {
  readonly output?: string;
  readonly html?: string;
  readonly otlp?: string;
  readonly auto?: true;
  readonly redact?: true;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addBuildOptions(
    newCommand('export', 'Writes a build, by default the last one, to a single file (tar.gz, or a page).')
      .option('-o, --output <file>', 'write to this file; - or no option: to stdout')
      .option('--otlp <url>', 'send spans to a collector of OpenTelemetry instead (experimental)')
      .addOption(new Option('--auto', "at a build's end").hideHelp())
      .option('--html <file>', 'write a page instead, which shows the build in any browser, offline')
      .option('--redact', 'with --html: without passwords and tokens, as loglin push leaves them out'),
  ).addHelpText(
    'after',
    '\nExamples:\n  loglin export -o build.tar.gz\n  loglin export --html build.html --redact\n  loglin export --otlp http://localhost:4318\n  loglin export -b @failed | ssh host "cd project && loglin import -"\n',
  );
  return parse(cmd, args, () => exportTo(cmd.opts<Options>()));
}

async function exportTo(options: Options): Promise<number> {
  const place = placeOf(currentFolder(), options.store);
  const { build } = options;
  if (options.otlp !== undefined) return sendTo(options.otlp, place, options);
  if (build === undefined || !isOfRemote(build))
    return exportBuildOf(place, place.store, chooseBuild(place.store, build), options);
  const { withPulledBuild } = await import('../remotebuild.ts');
  return withPulledBuild(place, build, (store, id) => exportBuildOf(place, store, id, options));
}

async function sendTo(url: string, place: Place, { build, output, html, auto }: Options): Promise<number> {
  if (output !== undefined || html !== undefined)
    throw new Failure('--otlp says where to: it does not go with -o and --html');
  const { sendSpans } = await import('../otlpexport.ts');
  if (build !== undefined && isOfRemote(build)) {
    const { withPulledBuild } = await import('../remotebuild.ts');
    await withPulledBuild(place, build, (store, id) => sendSpans({ ...place, store }, id, url));
    return 0;
  }
  try {
    await sendSpans(place, chooseBuild(place.store, build), url);
    if (auto) noteFailure(place.store, 'otlp', undefined);
    return 0;
  } catch (error) {
    // At a build's end, nobody reads what is printed.
    if (!auto || !isFailure(error)) throw error;
    noteFailure(place.store, 'otlp', error.message);
    return 0;
  }
}

async function exportBuildOf(place: Place, store: string, id: string, options: Options): Promise<number> {
  if (summarise(store, id).state === 'running')
    throw new Failure(`build ${id}: is running; export it when it has ended`, 1);
  if (options.html !== undefined) {
    if (options.output !== undefined)
      throw new Failure('--html names the file to write: it does not go with -o');
    await toPage(store, id, options.html, options.redact ? await secretsOfProject(place) : undefined);
    return 0;
  }
  if (options.redact) throw new Failure('--redact goes with --html: an archive has all as it was recorded');
  const { output = '-' } = options;
  if (output === '-') {
    if (await isTerminal(1)) throw new Failure('stdout is a terminal; say where to: -o build.tar.gz');
    await toStdout(store, id);
  } else {
    await writeOutput(fileNamed(output), 0o600, (fd) => exportBuild(store, id, streamOn(fd)));
  }
  return 0;
}

/** What `loglin push` takes out, too. */
async function secretsOfProject(place: Place): Promise<Secrets> {
  const { readSharing } = await import('../../remote/remotes.ts');
  const { redact, errors } = await readSharing(place);
  errors.forEach(warn);
  return secretsFrom(secretsOf(process.env), redact);
}

/** @param secrets what is taken out; undefined: nothing. */
async function toPage(store: string, id: string, file: string, secrets: Secrets | undefined): Promise<void> {
  const redaction: Redaction = { secrets: secrets ?? NO_SECRETS, found: 0 };
  const { htmlOf } = await import('../htmlbuild.ts');
  warn(`${file}: will hold all that build ${id} recorded: its commands, folders and logs`);
  await writeOutput(fileNamed(file), 0o600, async (fd) => {
    for await (const text of htmlOf(store, id, redaction)) await writePieces(fd, [text]);
  });
  const { found } = redaction;
  if (secrets) warn(`${file}: ${found} ${found === 1 ? 'secret' : 'secrets'} redacted`);
}

/** A slash at the end says that a folder is meant. */
function fileNamed(name: string): string {
  return path.resolve(currentFolder(), name) + (name.endsWith('/') ? '/' : '');
}

async function toStdout(store: string, id: string): Promise<void> {
  try {
    await exportBuild(store, id, fs.createWriteStream('', { fd: 1 }));
  } catch (error) {
    if (isFailure(error)) throw error;
    // A reader that goes away is nobody's mistake.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw new Failure(`stdout: ${reason(error)}`);
  }
}

/** A stream that leaves the descriptor open, also where it fails. */
function streamOn(fd: number): Writable {
  const close = (_: number, done?: (error: null) => void): void => done?.(null);
  return fs.createWriteStream('', { fd, fs: { write: fs.write, close } });
}
