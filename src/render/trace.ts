// A build as a trace for Perfetto and chrome://tracing: the JSON object form of the Trace Event Format
// (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU; the part that Perfetto
// supports: https://perfetto.dev/docs/getting-started/other-formats#chrome-json-format).
//
// A job is a complete event (`X`), a lane is a thread, and a need is a flow (`s` at the end of one job, `f`
// with `bp: "e"` at the start of the other). Times are in microseconds since the build's start.

import { type Build, type Job, failed } from '../model/build.ts';
import { jsonText } from '../model/printable.ts';
import { type Drawn, type Laned, lanesOf } from '../timing/lanes.ts';
import { resourcesOf } from '../timing/resources.ts';
import { WaitedFor } from '../timing/waitedfor.ts';
import { commandLine, statusText } from './formats.ts';

const PROCESS = 1;
const MICROSECONDS = 1000;

/**
 * Yields the trace's text, in pieces of an event or a few.
 * @param jobs the jobs to draw; needs outside of them are dropped.
 */
export function* traceText(
  build: Build,
  jobs: readonly Laned[],
  nameOf: (job: Job) => string,
): Generator<string> {
  const drawn = lanesOf(jobs);
  const placeOf = new Map(drawn.map((one) => [one.job, one]));
  const waitedFor = new WaitedFor(build);
  const { argv = [], id = '' } = build.started ?? {};
  const data = { build: id, command: commandLine(argv), 'recorded by': 'loglin' };
  yield `{"displayTimeUnit":"ms","otherData":${jsonText(data)},"traceEvents":[\n`;
  yield jsonText(named('process_name', 0, commandLine(argv)));
  const lanes = drawn.reduce((most, { lane }) => Math.max(most, lane + 1), 0);
  for (let lane = 0; lane < lanes; lane++)
    yield `,\n${jsonText(named('thread_name', lane + 1, `lane ${lane + 1}`))}`;
  let flows = 0;
  for (const one of drawn) {
    yield `,\n${jsonText(complete(one, nameOf(one.job)))}`;
    for (const need of waitedFor.of(one.job)) {
      const from = placeOf.get(need);
      if (from) yield flow(++flows, from, one);
    }
  }
  yield '\n]}\n';
}

/** A metadata event. */
function named(name: string, tid: number, text: string): object {
  return { name, ph: 'M', pid: PROCESS, tid, args: { name: text } };
}

function complete({ job, from, to, lane }: Drawn, name: string): object {
  const used = resourcesOf(job);
  const commands: string[] = [];
  // A damaged record leaves holes, which forEach skips.
  job.steps.forEach(({ argv }) => commands.push(commandLine(argv)));
  return {
    name,
    cat: job.instance?.tool ?? 'job',
    ph: 'X',
    ts: from * MICROSECONDS,
    dur: (to - from) * MICROSECONDS,
    pid: PROCESS,
    tid: lane + 1,
    ...(failed(job) ? { cname: 'terrible' } : {}),
    args: {
      ...(commands.length > 0 ? { command: commands.join('\n') } : {}),
      ...(job.status ? { status: statusText(job.status) } : {}),
      bytes: job.size,
      ...(job.why.words === undefined ? {} : { why: job.why.words }),
      ...(used
        ? {
            'user ms': used.user / 1000,
            'system ms': used.sys / 1000,
            ...(used.rss > 0 ? { 'memory KiB': used.rss } : {}),
          }
        : {}),
    },
  };
}

/**
 * An arrow from the end of one job to the start of another. Its ends have to lie within the two. There may be
 * millions of arrows, so only numbers vary.
 */
function flow(id: number, from: Drawn, to: Drawn): string {
  const end = Math.max(from.from * MICROSECONDS, from.to * MICROSECONDS - 1);
  const start = to.from * MICROSECONDS;
  const arrow = `,\n{"name":"need","cat":"need","id":${id},"pid":${PROCESS}`;
  return `${arrow},"ph":"s","ts":${end},"tid":${from.lane + 1}}${arrow},"ph":"f","bp":"e","ts":${start},"tid":${to.lane + 1}}`;
}
