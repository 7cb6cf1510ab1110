// The recorder alone, without a store or a display: runs a program in a workspace of its own and keeps the
// record in memory.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { installHooks } from '../../src/capture/hooks/install.ts';
import type { RecorderSink } from '../../src/capture/jobs.ts';
import { Recorder } from '../../src/capture/recorder.ts';
import { capacityOf, openFilesLimit } from '../../src/capture/capacity.ts';
import { firstSlotNames } from '../../src/capture/slots.ts';
import { Workspace } from '../../src/capture/workspace.ts';
import type { Build, Job } from '../../src/model/build.ts';
import { emptyBuild, reduce } from '../../src/model/reduce.ts';
import type { GraphNode } from '../../src/model/graph.ts';
import type { JobId } from '../../src/model/ids.ts';
import { ROOT } from '../../src/model/ids.ts';

export interface RecorderRun {
  readonly build: Build;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly graphs: readonly GraphNode[][];
  /** Files left in the workspace, except slots and FIFOs. */
  readonly leftoverFiles: readonly string[];
  readonly log: (job: Job) => string;
}

export interface RecorderRunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /**
   * How often LD_PRELOAD names the library, since each process takes it out once; 0: the program brings it.
   */
  readonly preload?: number;
  /** A folder of dist/lib: the libraries of another machine, for a program that is emulated. */
  readonly machine?: string;
  /**
   * The recorder is delayed: it reads nothing before the program has ended. The program's output must fit
   * into the FIFOs.
   */
  readonly late?: boolean;
}

/** Runs the program to its end. @throws what the recorder did not expect. */
export async function runRecorder(
  argv: readonly string[],
  options: RecorderRunOptions,
): Promise<RecorderRun> {
  const capacity = capacityOf(openFilesLimit());
  const workspace = new Workspace(firstSlotNames(capacity));
  try {
    const hooks = installHooks(workspace, () => true);
    if (hooks.missing !== undefined) throw new Error(hooks.missing);
    if (options.machine !== undefined)
      for (const name of ['lib.so', 'readers.so']) {
        const link = workspace.path(name);
        const other = path.join(
          path.dirname(fs.readlinkSync(link)),
          '..',
          options.machine,
          path.basename(fs.readlinkSync(link)),
        );
        fs.unlinkSync(link);
        fs.symlinkSync(other, link);
      }
    const once = hooks.variables.LD_PRELOAD;
    const preload = Array.from({ length: options.preload ?? 0 }, () => once).join(':');
    const build = emptyBuild();
    const start = Date.now();
    reduce(build, { e: 'build', v: 1, id: 'test', at: start, argv, cwd: '', pid: process.pid });
    const texts = new Map<JobId, Buffer[]>([[ROOT, []]]);
    const graphs: GraphNode[][] = [];
    const sink: RecorderSink = {
      event: (event) => reduce(build, event),
      append: (job, bytes) => texts.get(job)?.push(Buffer.from(bytes)),
      create: (job) => texts.set(job, []),
      graph: (_, nodes) => graphs.push(nodes),
    };
    const recorder = new Recorder(workspace, capacity, options.cwd, start, sink, { argv, cwd: options.cwd });
    const output = fs.openSync(recorder.rootFifo, 'w');
    const child = spawn(argv[0] ?? '', argv.slice(1), {
      cwd: options.cwd,
      stdio: ['ignore', output, output],
      env: {
        PATH: process.env.PATH,
        LC_ALL: 'C',
        LOGLIN_BUILD: workspace.folder,
        LOGLIN_JOB: '0/root',
        ...(preload ? { LD_PRELOAD: preload } : {}),
        ...options.env,
      },
    });
    fs.closeSync(output);
    const unexpected = (error: unknown): void => {
      throw error;
    };
    const heldUp = options.late === true;
    const ended = await new Promise<Pick<RecorderRun, 'code' | 'signal'>>((resolve, reject) => {
      const timer = setInterval(() => {
        try {
          if (!heldUp) recorder.poll(unexpected);
        } catch (error) {
          clearInterval(timer);
          child.kill('SIGKILL');
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      }, 5);
      child.on('error', reject);
      child.on('exit', (code, signal) => {
        clearInterval(timer);
        resolve({ code, signal });
      });
    });
    while (options.late && recorder.poll(unexpected) > 0) continue;
    recorder.finish({ exit: ended.code ?? 1 });
    const left = fs.readdirSync(workspace.folder).filter((name) => /^[rg]\./.test(name));
    const log = (job: Job): string => Buffer.concat(texts.get(job.id) ?? []).toString();
    return { ...ended, build, graphs, leftoverFiles: left, log };
  } finally {
    workspace.remove();
  }
}
