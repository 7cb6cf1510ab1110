// A fake build driven step by step: runs a plan (plans.ts) with one of its many interleavings, emits the
// model's events and grows logs in memory. No process, no file, no clock: a seeded scheduler picks the next
// actor.

import type { Heading, Segment } from '../../src/linearize/segments.ts';
import { GrowingNames, displayNames } from '../../src/linearize/names.ts';
import { Walk } from '../../src/linearize/walk.ts';
import type { LineEnd, WalkRoot, WalkOptions } from '../../src/linearize/walkoptions.ts';
import type { Build, Instance } from '../../src/model/build.ts';
import { emptyBuild, reduce, setGraph } from '../../src/model/reduce.ts';
import type { BuildEvent } from '../../src/model/events.ts';
import { type Graph, mergeGraphs } from '../../src/model/graph.ts';
import { type ByteOffset, type InstanceId, type JobId, ROOT } from '../../src/model/ids.ts';
import { Player } from '../../src/play/player.ts';
import { lineEnds } from '../../src/record/logsource.ts';
import { PlainRenderer } from '../../src/render/plain.ts';
import type { RenderOptions, Renderer } from '../../src/render/renderer.ts';
import type { LogSource } from '../../src/record/logsource.ts';
import type { JobPlan, MakePlan, Plan } from './plans.ts';
import type { Random } from './seeded.ts';

/** Logs in memory. */
export class MemoryLogs implements LogSource {
  readonly #logs = new Map<JobId, Buffer>();

  append(job: JobId, text: string | Buffer): ByteOffset {
    const log = Buffer.concat([this.of(job), typeof text === 'string' ? Buffer.from(text) : text]);
    this.#logs.set(job, log);
    return log.length as ByteOffset;
  }

  of(job: JobId): Buffer {
    return this.#logs.get(job) ?? Buffer.alloc(0);
  }

  read(job: JobId, from: ByteOffset, into: Uint8Array): number {
    return this.of(job).copy(into, 0, from);
  }
}

/** An actor continues when its condition holds. */
type Actor = Generator<(() => boolean) | undefined, void>;

/** There is nothing to wait for. */
const READY = undefined;

/** A running make. */
interface MakeRun {
  readonly make: MakePlan;
  readonly j: JobId;
  i: InstanceId | undefined;
  /** Its remaining output. */
  readonly talk: string[];
  readonly running: Set<JobId>;
  readonly state: Map<string, 'done' | 'failed'>;
  readonly rules: Map<string, { next: number; job: JobId | undefined }>;
  readonly plans: Map<JobId, JobPlan>;
}

export interface FakeOptions {
  readonly random: Random;
  /** The number of jobs that a make runs at once. */
  readonly slots: number;
  /** The replay has the graphs (make's database at its end). */
  readonly graphs?: boolean;
  readonly goals?: boolean;
  /** Some jobs leave a process behind, which still prints or launches something. */
  readonly late?: boolean;
  /** Called after each step. */
  readonly watch?: (build: FakeBuild) => void;
}

/** One run of a plan. */
export class FakeBuild {
  readonly build: Build = emptyBuild();
  readonly events: BuildEvent[] = [];
  readonly logs = new MemoryLogs();
  readonly #plan: Plan;
  readonly #options: FakeOptions;
  readonly #onces = new Map<string, JobId>();
  readonly #ended = new Set<JobId>();
  readonly #unrecorded = new Set<JobId>();
  readonly #makes = new Map<InstanceId, MakePlan>();
  #actors: { actor: Actor; ready: (() => boolean) | undefined }[] = [];
  #jobs = 0;
  #instances = 0;
  #t = 0;

  constructor(plan: Plan, options: FakeOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#event({ e: 'build', v: 1, id: 'fake', at: 0, argv: [plan.root.name], cwd: '', pid: 1 });
    this.#jobs = 1;
  }

  /** Runs to the end. */
  run(): this {
    const { random, watch } = this.#options;
    this.#spawn(this.#runJob(this.#plan.root, ROOT));
    for (;;) {
      const able = this.#actors.filter((one) => one.ready?.() ?? true);
      if (able.length === 0) break;
      const one = random.pick(able);
      const next = one.actor.next();
      if (next.done) this.#actors = this.#actors.filter((other) => other !== one);
      else one.ready = next.value;
      if (random.chance(0.5)) this.#flushSizes();
      watch?.(this);
    }
    if (this.#actors.length > 0) throw new Error('the fake build hangs');
    this.#flushSizes();
    // The recorder ends the root job last.
    this.#event({
      e: 'end',
      t: this.#t,
      j: ROOT,
      status: { exit: this.#plan.root.exit },
      size: this.#size(ROOT),
    });
    this.#event({
      e: 'close',
      t: this.#t,
      status: { exit: this.#plan.root.exit },
      jobs: this.#jobs - 1,
      failed: 0,
    });
    watch?.(this);
    return this;
  }

  /** The graph that make would print at the end of this instance. */
  graphOf(instance: Instance): Graph | undefined {
    const make = this.#makes.get(instance.id);
    if (!make) return undefined;
    return mergeGraphs(
      undefined,
      [...make.targets.values()]
        .filter(({ name }) => !/\/(inc\d+\.mk|tool\d+)$/.test(name))
        .flatMap(({ name, needs, rules, also }) => {
          const base = { name, recipe: rules.length > 0, ...(also.length > 0 ? { also } : {}) };
          return rules.length > 1
            ? rules.map((rule) => ({ ...base, needs: rule.needs }))
            : [{ ...base, needs }];
        }),
    );
  }

  #event(event: BuildEvent): void {
    this.events.push(event);
    reduce(this.build, event);
    this.#t++;
  }

  #spawn(actor: Actor): void {
    this.#actors.push({ actor, ready: undefined });
  }

  #size(job: JobId): ByteOffset {
    return this.logs.of(job).length as ByteOffset;
  }

  #say(job: JobId, text: string): void {
    if (text === '') return;
    this.logs.append(job, text);
    this.#unrecorded.add(job);
  }

  /** Records growth now and then, as the recorder does. */
  #flushSizes(): void {
    if (this.#unrecorded.size === 0) return;
    const sizes = [...this.#unrecorded].map((job): [JobId, ByteOffset] => [job, this.#size(job)]);
    this.#unrecorded.clear();
    this.#event({ e: 'out', t: this.#t, sizes });
  }

  #here(parent: JobId): { parent: JobId; at: ByteOffset; mid?: true } {
    const log = this.logs.of(parent);
    const mid = log.length > 0 && log.at(-1) !== 0x0a;
    return { parent, at: log.length as ByteOffset, ...(mid ? { mid: true as const } : {}) };
  }

  #start(plan: JobPlan, parent: JobId, i?: InstanceId, needs: readonly string[] = []): JobId {
    const j = this.#jobs++ as JobId;
    this.#event({
      e: 'start',
      t: this.#t,
      j,
      name: plan.name,
      ...this.#here(parent),
      ...(i === undefined ? {} : { i }),
      ...(needs.length > 0 ? { needs: needs.join(' ') } : {}),
      ...(plan.aside ? { aside: true as const } : {}),
    });
    this.#spawn(this.#runJob(plan, j));
    return j;
  }

  *#runJob(plan: JobPlan, j: JobId): Actor {
    const children: JobId[] = [];
    const childrenEnded = (): boolean => children.every((child) => this.#ended.has(child));
    for (const part of plan.parts) {
      yield READY;
      switch (part.kind) {
        case 'text': {
          // Sometimes in two writes.
          const cut = this.#options.random.chance(0.3) ? this.#options.random.below(part.text.length + 1) : 0;
          this.#say(j, part.text.slice(0, cut));
          if (cut > 0) yield READY;
          this.#say(j, part.text.slice(cut));
          break;
        }
        case 'launch':
          children.push(this.#start(part.job, j));
          break;
        case 'once': {
          const there = this.#onces.get(part.name);
          if (there !== undefined) {
            this.#event({ e: 'link', t: this.#t, ...this.#here(j), j: there });
            children.push(there);
          } else {
            const started = this.#start(this.#plan.onces.get(part.name)!, j);
            this.#onces.set(part.name, started);
            children.push(started);
          }
          break;
        }
        case 'need':
          this.#event({ e: 'need', t: this.#t, ...this.#here(j), name: part.name });
          break;
        case 'wait':
          yield childrenEnded;
          break;
        case 'make':
          yield childrenEnded;
          yield* this.#runMake(part.make, j);
          break;
      }
    }
    yield childrenEnded;
    this.#ended.add(j);
    // The root job ends with the build.
    if (j === ROOT) return;
    this.#event({ e: 'end', t: this.#t, j, status: { exit: plan.exit }, size: this.#size(j) });
    if (this.#options.late && this.#options.random.chance(0.2)) this.#spawn(this.#stayBehind(plan, j));
  }

  *#stayBehind(plan: JobPlan, j: JobId): Actor {
    for (let i = 0; i < 3; i++) yield READY;
    this.#say(j, `late ${plan.name}\n`);
    yield READY;
    if (!this.#options.random.chance(0.3)) return;
    const parts = [{ kind: 'text', text: 'launched late\n' } as const];
    this.#start({ name: `${plan.name}.late`, parts, exit: 0, aside: false }, j);
  }

  /**
   * Works like make: traverses the graph depth first, launches what is ready, and waits for a slot before
   * each launch.
   */
  *#runMake(make: MakePlan, j: JobId): Actor {
    this.#say(j, make.before);
    const run: MakeRun = {
      make,
      j,
      i: undefined,
      talk: [...make.between],
      running: new Set(),
      state: new Map(),
      rules: new Map(),
      plans: new Map(),
    };
    for (const goals of [make.includes, make.goals]) {
      for (;;) {
        for (const goal of goals) yield* this.#update(run, goal);
        if (goals.every((goal) => run.state.has(goal))) break;
        // Until one of them ends.
        const before = run.running.size;
        yield () => this.#reap(run) < before || before === 0;
      }
    }
    for (const text of run.talk) this.#say(j, text);
    this.#say(j, make.after);
    if (run.i === undefined) return;
    const instance = this.build.instances[run.i];
    const graph = instance && (this.#options.graphs ?? true) ? this.graphOf(instance) : undefined;
    if (instance && graph) setGraph(this.build, instance, graph);
    this.#event({ e: 'toolend', t: this.#t, i: run.i, exit: 0 });
  }

  /** The number of its jobs that still run. */
  #reap({ running }: MakeRun): number {
    for (const job of running) if (this.#ended.has(job)) running.delete(job);
    return running.size;
  }

  *#update(run: MakeRun, name: string): Actor {
    const { state, rules, plans } = run;
    const target = run.make.targets.get(name)!;
    if (state.has(name)) return;
    if (target.rules.length === 0 && target.also[0] !== undefined) {
      yield* this.#update(run, target.also[0]);
      const its = state.get(target.also[0]);
      if (its) state.set(name, its);
      return;
    }
    const idle = target.rules.length === 0 || target.upToDate;
    if (idle || target.rules.length === 1) for (const need of target.needs) yield* this.#update(run, need);
    if (idle) {
      const all = target.needs.map((need) => state.get(need));
      if (!all.includes(undefined)) state.set(name, all.includes('failed') ? 'failed' : 'done');
      return;
    }
    let at = rules.get(name);
    if (!at) rules.set(name, (at = { next: 0, job: undefined }));
    // The rules of a double-colon target run one after the other.
    for (;;) {
      if (at.job !== undefined) {
        if (!this.#ended.has(at.job)) return;
        if (plans.get(at.job)?.exit !== 0) {
          state.set(name, 'failed');
          return;
        }
        at.job = undefined;
        at.next++;
      }
      const rule = target.rules[at.next];
      if (!rule) {
        state.set(name, 'done');
        return;
      }
      if (target.rules.length > 1) for (const need of rule.needs) yield* this.#update(run, need);
      const needs = rule.needs.map((need) => state.get(need));
      if (needs.includes(undefined)) return;
      if (needs.includes('failed')) {
        state.set(name, 'failed');
        return;
      }
      yield () => this.#reap(run) < this.#options.slots;
      at.job = this.#start(rule.job, run.j, this.#instance(run), rule.needs);
      plans.set(at.job, rule.job);
      run.running.add(at.job);
      if (run.talk.length > 0 && this.#options.random.chance(0.3)) this.#say(run.j, run.talk.shift() ?? '');
      yield READY;
    }
  }

  /** A make that launches nothing is irrelevant. */
  #instance(run: MakeRun): InstanceId {
    if (run.i !== undefined) return run.i;
    const i = this.#instances++ as InstanceId;
    run.i = i;
    this.#makes.set(i, run.make);
    this.#event({ e: 'tool', t: this.#t, i, tool: 'make', j: run.j, cwd: '', argv: ['make'] });
    if (this.#options.goals ?? true) this.#event({ e: 'goals', i, goals: run.make.goals });
    return i;
  }
}

export const PLAIN: RenderOptions = {
  nameOf: (job) => job.name,
  ascii: false,
  colour: false,
  escapes: 'all',
  collapse: true,
  times: false,
};

/** The text of a walk: what has been printed so far. */
export class Screen {
  readonly segments: Segment[] = [];
  readonly #parts: Buffer[] = [];
  readonly #player: Player;
  state: 'full' | 'wait' | 'done' = 'wait';
  short = 0;

  constructor(walk: Walk, logs: LogSource, renderer: Renderer) {
    const spy = Object.create(walk) as Walk;
    spy.next = () => {
      const segment = walk.next();
      if (typeof segment !== 'string') this.segments.push(segment);
      return segment;
    };
    const write = (bytes: Buffer): void => {
      this.#parts.push(Buffer.from(bytes));
    };
    this.#player = new Player(
      spy,
      () => logs,
      renderer,
      { full: false, idle: true, write, flush: () => undefined },
      () => this.short++,
    );
  }

  play(): this {
    this.state = this.#player.play();
    return this;
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString();
  }
}

/** A build and its logs. */
export interface Recorded {
  readonly build: Build;
  readonly logs: MemoryLogs;
}

const plain = (options: RenderOptions): Renderer => new PlainRenderer(options);

/** Prints a build like `loglin show`. @param make makes the renderer. */
export function replay(
  fake: Recorded,
  options: WalkOptions,
  roots?: readonly WalkRoot[],
  make = plain,
): Screen {
  const ends = lineEnds(fake.logs, false);
  const nameOf = displayNames(fake.build, options.order, ends);
  const walk = new Walk(fake.build, roots ?? [{ job: fake.build.jobs[ROOT]! }], options, ends);
  return new Screen(walk, fake.logs, make({ ...PLAIN, nameOf })).play();
}

/**
 * A live display of a fake build that has just begun: call `play` whenever something has happened.
 * @param make makes the renderer.
 */
export function display(fake: Recorded, options: WalkOptions, make = plain): Screen {
  const names = new GrowingNames(options.rootHeader ?? false);
  const walk = new Walk(
    fake.build,
    [{ job: fake.build.jobs[ROOT]! }],
    { ...options, live: true },
    lineEnds(fake.logs, true),
  );
  return new Screen(walk, fake.logs, make({ ...PLAIN, nameOf: (job) => names.of(job) }));
}

/** All segments of a walk that never has to wait. */
export function segmentsOf(
  build: Build,
  roots: readonly WalkRoot[],
  options: WalkOptions,
  ends: LineEnd,
): Segment[] {
  const walk = new Walk(build, roots, options, ends);
  const segments: Segment[] = [];
  for (let next = walk.next(); typeof next !== 'string'; next = walk.next()) segments.push(next);
  return segments;
}

/** A line for each segment, for readable tests. */
export function describe(segment: Segment): string {
  if (segment.kind === 'range') return `${segment.job.name} ${segment.from}-${segment.to}`;
  const heading: Heading = segment;
  if (heading.kind === 'absent') return `absent ${heading.name} ${heading.depth}`;
  return heading.kind === 'command'
    ? `${heading.job.name} $ ${heading.step.argv.join(' ')}`
    : `${heading.kind} ${heading.job.name} ${heading.depth}`;
}
