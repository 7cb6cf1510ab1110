// `loglin ls`: past builds, the newest last, as `ls -ltr` and a shell's history have it.

import { statusText, duration } from '../../render/renderer.ts';
import { escapeName } from '../../render/sanitize.ts';
import { type BuildSummary, listBuilds, openBuild, summarise } from '../../store/builds.ts';
import { failed } from '../../model/build.ts';
import { Failure } from '../../model/failure.ts';
import { ROOT } from '../../model/ids.ts';
import { newCommand, parse } from '../command.ts';
import { addStoreOption } from '../opened.ts';
import { currentFolder, placeOf } from '../place.ts';
import { print } from '../print.ts';
import { when } from '../when.ts';

interface Options {
  readonly json?: true;
  readonly store?: string;
  readonly number?: string;
}

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addStoreOption(
    newCommand('ls', 'Lists the recorded builds, the last one last.')
      .option('-n, --number <n>', 'only the last n')
      .option('--json', 'NDJSON (docs/json.md)'),
  );
  return parse(cmd, args, () => Promise.resolve(list(cmd.opts<Options>())));
}

function list(options: Options): number {
  const { store } = placeOf(currentFolder(), options.store);
  const ids = listBuilds(store);
  if (options.number !== undefined && !/^\d+$/.test(options.number))
    throw new Failure(`-n ${options.number}: want a number`);
  const last =
    options.number === undefined ? ids : ids.slice(Math.max(0, ids.length - Number(options.number)));
  const lines = last.map((id) => line(counted(store, summarise(store, id)), options.json ?? false));
  print(lines.map((text) => `${text}\n`).join(''));
  return 0;
}

interface Counted extends BuildSummary {
  readonly jobs: number | undefined;
  readonly failed: number | undefined;
  readonly ms: number | undefined;
}

/** A build without an end has to be read to be counted. */
function counted(store: string, summary: BuildSummary): Counted {
  const { ended } = summary;
  if (ended) return { ...summary, jobs: ended.jobs, failed: ended.failed, ms: ended.t };
  try {
    const { build } = openBuild(store, summary.id);
    const jobs = build.jobs.filter((job) => job.id !== ROOT);
    const ms = summary.state === 'running' ? Date.now() - (build.started?.at ?? 0) : build.time;
    return { ...summary, jobs: jobs.length, failed: jobs.filter(failed).length, ms };
  } catch {
    return { ...summary, jobs: undefined, failed: undefined, ms: undefined };
  }
}

function line(build: Counted, json: boolean): string {
  const { id, started, ended, state, jobs, failed: bad, ms } = build;
  if (json)
    return JSON.stringify({
      id,
      state: !started ? 'damaged' : ended?.interrupted ? 'interrupted' : state,
      started: started ? new Date(started.at).toISOString() : null,
      ms: ms ?? null,
      argv: started?.argv ?? null,
      cwd: started?.cwd ?? null,
      name: started?.name ?? null,
      status: ended?.status ?? null,
      jobs: jobs ?? null,
      failed: bad ?? null,
      revision: started?.revision ?? null,
    });
  if (!started) return `${id}  damaged: the first record cannot be read`;
  const end = !ended
    ? state
    : ended.interrupted
      ? 'interrupted'
      : 'exit' in ended.status && ended.status.exit === 0
        ? 'ok'
        : statusText(ended.status);
  return [
    id,
    when(new Date(started.at)),
    (ms === undefined ? '?' : duration(ms)).padStart(7),
    end.padEnd(11),
    `${jobs ?? '?'} ${jobs === 1 ? 'job' : 'jobs'}${bad ? `, ${bad} failed` : ''}`.padEnd(18),
    (started.revision ?? '').slice(0, 8).padEnd(8),
    escapeName(started.name ?? started.argv.join(' ')),
  ]
    .join('  ')
    .trimEnd();
}
