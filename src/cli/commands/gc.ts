// `loglin gc`: removes old builds, as the configuration or the options have it.

import { Option } from 'commander';
import { Failure } from '../../model/failure.ts';
import { parseSize, sizeText } from '../../model/size.ts';
import { jsonLine } from '../../render/records/line.ts';
import { removalRecord } from '../../render/records/removal.ts';
import { type Config, readConfig } from '../../store/config.ts';
import { type Collected, type Removal, collect } from '../../store/gc.ts';
import type { Limits } from '../../store/retention.ts';
import { newCommand, parse } from '../command.ts';
import { currentFolder, placeOf } from '../place.ts';
import { print } from '../print.ts';
import { addStoreOption } from '../buildoptions.ts';
import { warnAll } from '../stderr.ts';

interface Options {
  readonly keep?: string;
  readonly max?: string;
  readonly dryRun?: true;
  readonly json?: true;
  readonly quiet?: true;
  readonly auto?: true;
  readonly store?: string;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addStoreOption(
    newCommand(
      'gc',
      'Removes old builds, but never the last log of a target that still exists; or old builds of a remote.',
    )
      .usage('[options] [remote]')
      .argument('[remote]', 'a name that loglin remote lists')
      .option(
        '--keep <n>',
        'keep the last n builds (30, or keep.builds of .loglin.json); of a remote: those of this time, as 90d',
      )
      .option('--max <size>', 'use no more disk space than this, for example 500M (2GiB, or keep.bytes)')
      .option('-n, --dry-run', 'print what would be removed, and remove nothing')
      .option('-q, --quiet', 'print only what goes wrong')
      .option('--json', 'print NDJSON (docs/json.md)'),
  )
    .addOption(new Option('--auto', "as at a build's end: not again what was thinned before").hideHelp())
    .addHelpText(
      'after',
      '\nExamples:\n  loglin gc --dry-run\n  loglin gc --keep 10\n  loglin gc --max 500M\n  loglin gc ci --keep 90d\n',
    );
  return parse(cmd, args, async () => {
    const [remote] = cmd.args;
    const options = cmd.opts<Options>();
    if (remote === undefined) return gc(options);
    const { collectRemote } = await import('../remotegc.ts');
    return collectRemote(placeOf(currentFolder(), options.store), remote, options);
  });
}

function gc(options: Options): number {
  const place = placeOf(currentFolder(), options.store);
  const config = readConfig(place);
  if (warnAll(config.errors))
    throw new Failure(`${config.file}: has errors, so nothing is removed; correct it first`);
  const dry = options.dryRun ?? false;
  const again = !options.auto;
  const collected = collect(place, limitsOf(options, config), { dry, again });
  if (!collected) {
    if (options.auto) return 0;
    throw new Failure(`${place.store}: another gc is removing builds now; try again when it has ended`, 1);
  }
  if (!options.quiet && !options.auto) report(collected, dry, options.json ?? false);
  return warnAll(collected.problems) ? 1 : 0;
}

function limitsOf({ keep, max }: Options, config: Config): Limits {
  let { builds, bytes } = config.keep;
  if (keep !== undefined) {
    if (!/^\d{1,9}$/.test(keep)) throw new Failure(`--keep ${keep}: want a whole number`);
    builds = Number(keep);
  }
  if (max !== undefined) {
    const size = parseSize(max);
    if (size === undefined) throw new Failure(`--max ${max}: want a size, as 500M or 2GiB`);
    bytes = size;
  }
  return { builds, bytes };
}

function report({ removals, builds, bytes }: Collected, dry: boolean, json: boolean): void {
  if (json) {
    for (const removal of removals) print(jsonLine(removalRecord(removal, dry)));
    return;
  }
  print(removals.map((removal) => `${line(removal, dry)}\n`).join(''));
  const freed = removals.reduce((sum, removal) => sum + removal.freed, 0);
  const left = `${builds === 1 ? '1 build' : `${builds} builds`}, ${sizeText(bytes)}`;
  const done = dry ? `would free ${sizeText(freed)}` : `freed ${sizeText(freed)}`;
  print(
    removals.length === 0
      ? `nothing to remove: ${left}\n`
      : `${done}; ${dry ? 'would keep' : 'kept'} ${left}\n`,
  );
}

function line({ id, action, freed, logs }: Removal, dry: boolean): string {
  const what =
    action === 'removed'
      ? `${dry ? 'would be ' : ''}removed`
      : `${dry ? 'would be ' : ''}thinned: ${logs === 1 ? '1 log is' : `${logs} logs are`} the last of ${logs === 1 ? 'its target' : 'their targets'}`;
  return `${id}  ${sizeText(freed).padStart(8)}  ${what}`;
}
