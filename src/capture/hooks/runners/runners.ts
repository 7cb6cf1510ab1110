// Runners of the scripts of a monorepo (turbo, nx, lerna, wireit) as tool instances. What they start are jobs
// already (npm/loglin-shell.sh); here these become jobs of one run, which has a graph.

import path from 'node:path';
import type { InstanceId } from '../../../model/ids.ts';
import type { Job } from '../../jobs.ts';
import { LONGEST_FOLDER } from '../../wire.ts';
import type { Recording } from '../hook.ts';
import { type InstanceStart, Instances, ToolInstance } from '../instances.ts';
import { type RanScript, readGraph } from './graph.ts';
import { runnerAbove } from './process.ts';
import { topsOf } from './tasks.ts';

/** A script that is about to start. */
interface ScriptStart {
  /** The runner and its name of the task, `turbo HASH`; empty: none started it. */
  readonly task: string;
  readonly pid: string;
  /** Its name, `package script`, and the folder of its package. */
  readonly name: string;
  readonly cwd: string;
  readonly parent: Job;
  /** Milliseconds since the build's start. */
  readonly t: number;
}

class RunnerInstance extends ToolInstance {
  readonly tool: string;
  /** The folder in which it runs; '' if it is not known. */
  readonly folder: string;
  readonly ran: RanScript[] = [];

  constructor(recording: Recording, start: InstanceStart, folder: string) {
    super(recording, start);
    this.tool = start.tool;
    this.folder = folder;
  }
}

export class Runners {
  readonly #recording: Recording;
  readonly #instances: Instances<RunnerInstance>;
  /** The tasks of the jobs that are some. */
  readonly #tasks = new Map<Job, string>();
  readonly #noted = new Set<string>();

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#instances = new Instances(recording);
  }

  /** The instance whose task a script is; undefined if no runner has started it. */
  instanceOf(script: ScriptStart): InstanceId | undefined {
    const [tool = ''] = script.task.split(' ');
    if (!/^(?:turbo|nx|wireit)$/.test(tool) || script.cwd.length > LONGEST_FOLDER) return undefined;
    if (this.#isWithin(script)) return undefined;
    const runner = runnerAbove(Number(script.pid));
    const key = runner ? `${runner.pid} ${runner.ticks ?? ''}` : `${tool} ${script.parent.id}`;
    let instance = this.#instances.get(key);
    if (!instance || instance.ended) {
      const { parent: job, t } = script;
      const start = { tool, job, t, argv: runner?.argv ?? [tool], slot: undefined };
      instance = new RunnerInstance(this.#recording, start, runner?.cwd ?? '');
      // The names of its targets are no paths: they are the same from everywhere.
      instance.emitStart(this.#recording.jobs.folder);
      this.#instances.add(key, instance);
    }
    instance.ran.push({ name: script.name, folder: path.resolve(script.cwd) });
    return instance.id;
  }

  /** What a task's script starts inherits the variables that tell whose task it is, but for wireit's. */
  #isWithin({ task, parent }: ScriptStart): boolean {
    if (task.startsWith('wireit')) return false;
    for (let at: Job | undefined = parent; at; at = at.parent) if (this.#tasks.get(at) === task) return true;
    return false;
  }

  /** Tells what job a task's script has become. */
  started(job: Job, task: string): void {
    this.#tasks.set(job, task);
  }

  /** Is it a service, which its runner stops when nothing needs it any more? */
  isService(job: Job): boolean {
    return this.#tasks.get(job) === 'wireit service';
  }

  jobEnded(job: Job): void {
    for (const instance of this.#instances.takeOf(job)) this.#end(instance);
  }

  finish(): void {
    for (const instance of this.#instances.running()) this.#end(instance);
  }

  #end(instance: RunnerInstance): void {
    if (instance.ended || instance.id === undefined) return;
    const { tool, argv, folder: cwd, job, ran } = instance;
    const nodes = readGraph({ tool, argv, cwd, around: job.name, ran }, (text) => {
      this.#note(text);
    });
    this.#recording.jobs.emitGraph(instance.id, nodes, topsOf(nodes));
    this.#instances.end(instance);
  }

  #note(text: string): void {
    if (this.#noted.has(text)) return;
    this.#noted.add(text);
    this.#recording.jobs.note(text);
  }
}
