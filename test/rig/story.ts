// A build written line by line, for readable tests: `new Story('make').make('make', …).start('a').say('a',
// 'text\n')`.

import type { Build } from '../../src/model/build.ts';
import { emptyBuild, reduce, setGraph } from '../../src/model/reduce.ts';
import type { BuildEvent, Status } from '../../src/model/events.ts';
import type { Graph, GraphNode } from '../../src/model/graph.ts';
import { mergeGraphs } from '../../src/model/graph.ts';
import { type ByteOffset, type InstanceId, type JobId, ROOT } from '../../src/model/ids.ts';
import { MemoryLogs } from './fakebuild.ts';

export interface StartOptions {
  /** Launched by the make of this job; if undefined, by the job itself. */
  readonly make?: string;
  readonly parent?: string;
  readonly needs?: string;
  readonly target?: string;
  readonly aside?: true;
  readonly piped?: true;
  readonly to?: 'pipe';
  readonly kept?: true;
  readonly born?: string;
  /** What later lines call the job if the name is not unique. */
  readonly as?: string;
}

export class Story {
  readonly build: Build = emptyBuild();
  readonly events: BuildEvent[] = [];
  readonly logs = new MemoryLogs();
  readonly #jobs = new Map<string, JobId>();
  readonly #makes = new Map<string, { i: InstanceId; job: JobId }>();
  readonly #steps = new Map<JobId, number>();
  #t = 0;

  /**
   * @param name the root job's name.
   * @param t its name if `-t` gave one.
   */
  constructor(name: string, t?: string) {
    this.event({
      e: 'build',
      v: 1,
      id: 'story',
      at: 0,
      argv: [name],
      cwd: '',
      pid: 1,
      ...(t === undefined ? {} : { name: t }),
    });
    this.#jobs.set(t ?? name, ROOT);
  }

  event(event: BuildEvent): this {
    this.events.push(event);
    reduce(this.build, event);
    this.#t++;
    return this;
  }

  id(name: string): JobId {
    const id = this.#jobs.get(name);
    if (id === undefined) throw new Error(`no job ${name}`);
    return id;
  }

  /** A make in this job's log, called `name` below (default: as the job). */
  make(job: string, goals: readonly string[] = [], name = job, born?: string): this {
    const i = this.#makes.size as InstanceId;
    this.#makes.set(name, { i, job: this.id(job) });
    const at = this.#here(this.id(job)).at;
    this.event({
      e: 'tool',
      t: this.#t,
      i,
      tool: 'make',
      j: this.id(job),
      cwd: '',
      argv: ['make'],
      ...(born === undefined ? {} : { born, at }),
    });
    return goals.length === 0 ? this : this.event({ e: 'goals', i, goals });
  }

  graph(
    name: string,
    nodes: Readonly<Record<string, string>>,
    also: Readonly<Record<string, string[]>> = {},
  ): this {
    const instance = this.build.instances[this.#make(name).i];
    if (instance) setGraph(this.build, instance, graphOf(nodes, also));
    return this;
  }

  /** The ranges of this make's own output in its job's log. */
  said(name: string, ...ranges: [number, number][]): this {
    const { i } = this.#make(name);
    return this.event({ e: 'said', i, ranges: ranges as unknown as [ByteOffset, ByteOffset][] });
  }

  makeEnds(name: string): this {
    return this.event({ e: 'toolend', t: this.#t, i: this.#make(name).i, exit: 0 });
  }

  start(name: string, options: StartOptions = {}): this {
    const { make, target, needs, aside, piped, to, kept, born, as = name } = options;
    const from = make === undefined ? undefined : this.#make(make);
    const parent = from?.job ?? this.id(options.parent ?? [...this.#jobs.keys()][0] ?? '');
    const j = this.build.jobs.length as JobId;
    this.#jobs.set(as, j);
    return this.event({
      e: 'start',
      t: this.#t,
      j,
      name,
      ...this.#here(parent),
      ...(from ? { i: from.i } : {}),
      ...(target === undefined ? {} : { target }),
      ...(needs === undefined ? {} : { needs }),
      ...(aside ? { aside } : {}),
      ...(piped ? { piped } : {}),
      ...(to ? { to } : {}),
      ...(kept ? { kept } : {}),
      ...(born === undefined ? {} : { born }),
    });
  }

  link(parent: string, job: string): this {
    return this.event({ e: 'link', t: this.#t, ...this.#here(this.id(parent)), j: this.id(job) });
  }

  need(parent: string, name: string): this {
    return this.event({ e: 'need', t: this.#t, ...this.#here(this.id(parent)), name });
  }

  step(job: string, command: string, echo = false): this {
    const j = this.id(job);
    const s = this.#steps.get(j) ?? 0;
    this.#steps.set(j, s + 1);
    const at = this.logs.of(j).length as ByteOffset;
    this.event({
      e: 'step',
      t: this.#t,
      j,
      s,
      at,
      argv: [command],
      ...(echo ? { echo: true as const } : {}),
    });
    return echo ? this.say(job, `${command}\n`) : this;
  }

  say(job: string, text: string): this {
    const j = this.id(job);
    return this.event({ e: 'out', t: this.#t, sizes: [[j, this.logs.append(j, text)]] });
  }

  end(job: string, status: Status = { exit: 0 }, ignored = false): this {
    const j = this.id(job);
    const size = this.logs.of(j).length as ByteOffset;
    return this.event({
      e: 'end',
      t: this.#t,
      j,
      status,
      size,
      ...(ignored ? { ignored: true as const } : {}),
    });
  }

  #make(name: string): { i: InstanceId; job: JobId } {
    const make = this.#makes.get(name);
    if (!make) throw new Error(`no make ${name}`);
    return make;
  }

  #here(parent: JobId): { parent: JobId; at: ByteOffset; mid?: true } {
    const log = this.logs.of(parent);
    const mid = log.length > 0 && log.at(-1) !== 0x0a;
    return { parent, at: log.length as ByteOffset, ...(mid ? { mid: true as const } : {}) };
  }
}

/** `{ all: 'a b', … }` */
export function graphOf(
  nodes: Readonly<Record<string, string>>,
  also: Readonly<Record<string, string[]>> = {},
): Graph {
  const list = Object.entries(nodes).map(([name, needs]): GraphNode => ({
    name,
    needs: needs.split(' ').filter((need) => need !== ''),
    recipe: true,
    ...(also[name] ? { also: also[name] } : {}),
  }));
  return mergeGraphs(undefined, list);
}
