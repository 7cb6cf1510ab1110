// The depth-first walk of the log DAG: a build and its growth in, segments out. Live display and replay are this one walk: a replay
// never has to wait. Knows no file, no process and no text; where a line ends it asks.
//
// The walk is a stack of frames, so that its memory is the depth of the walk and a chain of 100,000 needs does not end in a stack
// overflow. `next` steps the frame on top until something is to be printed, or until there is nothing to do but to wait.

import type { Build, Instance, Job, Link } from '../model/build.ts';
import type { Graph } from '../model/graph.ts';
import { type ByteOffset, START } from '../model/ids.ts';
import { type Pieces, whole } from '../model/pieces.ts';
import { unreachable } from '../model/unreachable.ts';
import { Group, ruleWith } from './group.ts';
import { Heap } from './heap.ts';
import type { Segment } from './segments.ts';
import { type Entry, besideInOrder } from './sidebyside.ts';
import type { Unmade } from './unmade.ts';

export type Order = 'needs' | 'launch';

export interface WalkOptions {
  readonly order: Order;
  /** The build is still running: wait for what is not there yet. */
  readonly live?: boolean;
  /** Live, in the order of needs: print nothing out of order; wait instead. */
  readonly strict?: boolean;
  /** What takes long is done a piece at a time: `next` says 'wait' after each. */
  readonly patient?: boolean;
  /** Say which commands ran where the log does not. */
  readonly commands?: boolean;
  /** Say where a job is that was shown above. */
  readonly links?: boolean;
  /** The root job has a header: `-t` names it. */
  readonly rootHeader?: boolean;
  /** What is known of an instance's graph from earlier builds; asked once for each instance of a live build. */
  readonly knownGraph?: (instance: Instance) => Graph | undefined;
  /**
   * The jobs that made what did not run in this build, in the last build in which it ran: they are shown in its place. None: there is no
   * such build. Undefined: it ran in this build, and is shown where it did.
   * @param name as its instance names it; without an instance, as it is shown.
   * @param is only jobs that are so, in the last build that had such ones, whatever ran in this build: those of one of several rules.
   */
  readonly unchanged?: (
    name: string,
    instance: Instance | undefined,
    is?: (job: Job) => boolean,
  ) => readonly Job[] | undefined;
  /** What a target is shown by that has no job; by default as its instance names it. */
  readonly shownName?: (name: string, instance: Instance | undefined) => string;
  /**
   * Why what did not run in this build is not known to be up to date; undefined: it is.
   * @param job the earlier build's that is shown for it; without one it has no log.
   * @param instance the one in whose graph it was found, if it is one of this build.
   */
  readonly unmade?: (
    job: Job | undefined,
    name: string,
    instance: Instance | undefined,
  ) => Unmade | undefined;
}

/** A place to start from: a job's block (`alone`: without its needs), or a target without a job of its own, whose needs are shown. */
export type Root =
  { readonly job: Job; readonly alone?: true } | { readonly instance: Instance; readonly target: string };

/** Where a job's line ends that has `at` inside it: the offset after its newline, or undefined while that is not known. */
export type LineEnd = (job: Job, at: ByteOffset) => ByteOffset | undefined;

/** Names still to be visited, in order. */
interface Names {
  readonly group: Group;
  readonly names: readonly string[];
  next: number;
}

interface JobFrame {
  readonly kind: 'job';
  readonly job: Job;
  /** -1: it has no header. */
  readonly depth: number;
  readonly needs: Names | undefined;
  /** The header is out. */
  entered: boolean;
  /** A nested block was printed since the last of its own text. */
  nested: boolean;
  position: ByteOffset;
  link: number;
  /** How many of its instances were looked at: those that had nothing to do. */
  instance: number;
  step: number;
  /** Where several spoke in its log at the same time: what is still to come of it. */
  readonly entries: Iterator<Entry> | undefined;
  /** Shown already, up to its end as it was then: this is what came after it. */
  readonly late: boolean;
  /** Of an earlier build's job: why its target is not known to be up to date. */
  readonly unmade: Unmade | undefined;
}

/** A target that did not run: its needs. */
interface NodeFrame {
  readonly kind: 'node';
  readonly depth: number;
  readonly needs: Names;
}

/** A job that waits for its turn. */
interface TurnFrame {
  readonly kind: 'turn';
  readonly depth: number;
  readonly job: Job;
  readonly within: Group | undefined;
}

/** What came after a job's block was closed, waiting for its turn. */
interface LateFrame {
  readonly kind: 'late';
  readonly frame: JobFrame;
}

/** A tool instance's block: what its order is depends on what is known. */
interface GroupFrame {
  readonly kind: 'group';
  readonly depth: number;
  readonly instance: Instance;
  /** Complete: the jobs that no goal reaches, then the goals; and how these are worked out. */
  names: Names | undefined;
  order: Pieces<readonly string[]> | undefined;
  /** Live: what runs or ran, by rank. */
  readonly ranks: ReadonlyMap<string, number> | undefined;
  readonly waiting: Heap<Job> | undefined;
  taken: number;
}

type Frame = JobFrame | NodeFrame | TurnFrame | LateFrame | GroupFrame;

export class Walk {
  readonly #build: Build;
  readonly #options: WalkOptions;
  readonly #lineEnd: LineEnd;
  readonly #stack: Frame[] = [];
  /** The jobs on the stack. Those whose headers are not out are the last of them. */
  readonly #open: JobFrame[] = [];
  readonly #roots: Root[];
  readonly #out: Segment[] = [];
  readonly #seen = new Set<Job>();
  readonly #absent = new Set<string>();
  readonly #groups = new Map<Instance, Group>();
  /** Instances whose block was begun, or whose jobs are shown one by one in launch order. */
  readonly #grouped = new Map<Instance, 'block' | 'links'>();
  /** How far jobs were shown whose block has ended: what comes later is shown at the end. Live only. */
  readonly #left = new Map<Job, JobFrame>();
  /** Blocks, the outermost frame first, that were left for what the log around them had to say meanwhile: by the frame of that log. */
  readonly #aside = new Map<JobFrame, JobFrame[][]>();
  #lateDone = false;

  constructor(build: Build, roots: readonly Root[], options: WalkOptions, lineEnd: LineEnd) {
    this.#build = build;
    this.#roots = [...roots].reverse();
    this.#options = options;
    this.#lineEnd = lineEnd;
  }

  /** The next segment; 'wait' when a live build has nothing more to print yet, or something takes long; 'done' after the last. */
  next(): Segment | 'wait' | 'done' {
    for (;;) {
      const segment = this.#out.shift();
      if (segment) return segment;
      const frame = this.#stack.at(-1);
      if (frame) {
        if (!this.#step(frame)) return 'wait';
        continue;
      }
      const root = this.#roots.pop();
      if (root) this.#start(root);
      else if (this.#lateDone || !this.#options.live) return 'done';
      else this.#showLate();
    }
  }

  /** The jobs whose blocks are open, the outermost first. */
  open(): Job[] {
    return this.#open.map(({ job }) => job);
  }

  #start(root: Root): void {
    if ('job' in root) {
      this.#visitJob(root.job, this.#topDepth(root.job), root.alone);
    } else {
      const group = this.#group(root.instance);
      // Of several jobs of one name, the others are `name#2` and so on.
      const [job] = this.#jobsFor(group, root.target).jobs;
      if (job) this.#visitJob(job, 0, false, this.#within(group, job));
      else this.#visitName(group, root.target, 0);
    }
  }

  /** The depth of a block that is not inside another; -1: without a header. */
  #topDepth(job: Job): number {
    return job.parent === undefined && !this.#options.rootHeader ? -1 : 0;
  }

  /** False: nothing can be done yet. */
  #step(frame: Frame): boolean {
    switch (frame.kind) {
      case 'job':
        return this.#stepJob(frame);
      case 'node':
        return this.#stepNode(frame);
      case 'turn':
        this.#stack.pop();
        this.#visitJob(frame.job, frame.depth, false, frame.within);
        return true;
      case 'late':
        this.#stack.pop();
        this.#stack.push(frame.frame);
        this.#open.push(frame.frame);
        return true;
      case 'group':
        return this.#stepGroup(frame);
      default:
        return unreachable(frame);
    }
  }

  // -- a job's block ---------------------------------------------------------------------------------------------------------

  /** @param within the group that led to a job of an earlier build. */
  #visitJob(job: Job, depth: number, alone = false, within?: Group): void {
    if (this.#seen.has(job)) {
      if (this.#options.links && !job.aside) this.#out.push({ kind: 'seen', job, depth });
      return;
    }
    this.#seen.add(job);
    let needs: Names | undefined;
    if (
      !alone &&
      this.#options.order === 'needs' &&
      job.instance &&
      this.#arrangement(job.instance) === 'block'
    ) {
      // What an earlier build's job needs is looked for where it was found, and is what it needs now.
      const group = within?.instance.cwd === job.instance.cwd ? within : this.#group(job.instance);
      group.visited.add(job.target);
      const names = group === within ? group.needsNow(job) : group.needsOfJob(job);
      needs = { group, names, next: 0 };
    }
    const frame: JobFrame = {
      kind: 'job',
      job,
      depth,
      needs,
      entered: depth < 0,
      nested: false,
      position: START,
      link: 0,
      instance: 0,
      step: 0,
      entries: this.#entriesOf(job),
      late: false,
      unmade: this.#isOurs(job) ? undefined : this.#unmade(job, job.target, within?.instance),
    };
    this.#stack.push(frame);
    this.#open.push(frame);
    if (!job.aside) this.#enter();
  }

  /** Prints the headers that the jobs on the stack still lack, and notes the nesting. */
  #enter(): void {
    const open = this.#open;
    let first = open.length;
    while (first > 0 && open[first - 1]?.entered === false) first--;
    for (; first < open.length; first++) {
      const frame = open[first];
      if (!frame) continue;
      const parent = open[first - 1];
      if (parent) parent.nested = true;
      frame.entered = true;
      const { job, depth, unmade } = frame;
      const around = unmade && open.some((outer, i) => i < first && isSame(outer.unmade, unmade));
      this.#out.push({ kind: 'enter', job, depth, ...(unmade && { unmade, ...(around ? { around } : {}) }) });
    }
  }

  /** Live, and in launch order, what came first is shown first. */
  #entriesOf(job: Job): Iterator<Entry> | undefined {
    if (this.#options.order !== 'needs' || (this.#options.live && this.#isOurs(job))) return undefined;
    return besideInOrder(job, (at) => this.#lineEnd(job, at) ?? job.size)?.values();
  }

  /** The next piece of a log that several spoke in; false: there is none. */
  #stepEntry(frame: JobFrame, entries: Iterator<Entry>): boolean {
    const { job } = frame;
    const entry = entries.next().value as Entry | undefined;
    if (!entry) return false;
    if ('from' in entry) {
      frame.position = entry.from;
      this.#text(frame, entry.to);
    } else if ('idle' in entry) {
      const { idle } = entry;
      if (this.#options.unchanged && !this.#grouped.has(idle)) this.#visitIdleGroup(frame, idle);
    } else {
      const link = job.links[entry.link];
      frame.position = job.size;
      if (link?.need !== undefined && this.#options.unchanged) this.#visitNeed(frame, link, link.need);
      else if (link?.job && this.#opens(job, link.job)) this.#visitLink(job, link.job, frame.depth + 1);
    }
    return true;
  }

  #stepJob(frame: JobFrame): boolean {
    const { job, needs, entries } = frame;
    if (needs && this.#visitNext(needs, frame.depth + 1)) return true;
    if (entries) {
      if (this.#stepEntry(frame, entries)) return true;
      frame.position = job.size;
      frame.link = job.links.length;
      frame.instance = job.instances.length;
    }
    const link = job.links[frame.link];
    if (this.#options.unchanged && this.#visitIdle(frame, link && frame.link)) return true;
    if (link) {
      if (link.need !== undefined && this.#options.unchanged) {
        frame.link++;
        this.#visitNeed(frame, link, link.need);
        return true;
      }
      // A link that shows nothing does not cut the text: the ranges must not depend on where such links are.
      if (!link.job || !this.#opens(job, link.job)) {
        frame.link++;
        return true;
      }
      const at = link.mid ? this.#lineEnd(job, link.at) : link.at;
      if (at === undefined) {
        this.#text(frame, job.size);
        return this.#out.length > 0;
      }
      this.#text(frame, at);
      this.#commands(frame, at, link.after);
      frame.link++;
      this.#visitLink(job, link.job, frame.depth + 1);
      return true;
    }
    this.#text(frame, job.size);
    const runs = this.#runs(job);
    if (this.#out.length > 0) return true;
    if (this.#resume(frame, !runs)) return true;
    if (runs) return this.#leaveForLogAround();
    if (this.#options.unchanged && this.#visitIdle(frame, undefined)) return true;
    this.#commands(frame, Infinity);
    this.#stack.pop();
    this.#open.pop();
    if (this.#options.live) this.#left.set(job, frame);
    if (frame.entered && frame.depth >= 0 && !frame.late)
      this.#out.push({ kind: 'leave', job, depth: frame.depth });
    return true;
  }

  #runs(job: Job): boolean {
    return (this.#options.live ?? false) && job.ended === undefined && this.#isOurs(job);
  }

  /** Of this build, not of an earlier one. */
  #isOurs(job: Job): boolean {
    return this.#build.jobs[job.id] === job;
  }

  // -- piped jobs: what they say comes in the log around them, which is not to wait for their end ---------------------------------

  /** Leaves the blocks on top, all of running piped jobs, for the innermost log around them that has more to show; false: there is none. */
  #leaveForLogAround(): boolean {
    if (this.#options.strict) return false;
    const stack = this.#stack;
    for (let at = stack.length - 1; at > 0; at--) {
      const frame = stack[at]!;
      const around = stack[at - 1]!;
      if (frame.kind !== 'job' || !frame.job.piped || around.kind !== 'job') return false;
      if (!this.#hasMore(around)) continue;
      const left = stack.splice(at) as JobFrame[];
      this.#open.splice(-left.length);
      const others = this.#aside.get(around) ?? [];
      const order = (blocks: readonly JobFrame[]): number => blocks[0]?.job.id ?? 0;
      this.#aside.set(
        around,
        [...others, left].sort((a, b) => order(a) - order(b)),
      );
      return true;
    }
    return false;
  }

  /** Goes on with a block that was left for this frame's log and has more to show; false: there is none. @param any whether it has or not. */
  #resume(frame: JobFrame, any: boolean): boolean {
    const aside = this.#aside.get(frame);
    if (!aside) return false;
    const which = any ? 0 : aside.findIndex((blocks) => this.#canGoOn(blocks));
    const [blocks] = which < 0 ? [] : aside.splice(which, 1);
    if (!blocks) return false;
    if (aside.length === 0) this.#aside.delete(frame);
    this.#stack.push(...blocks);
    this.#open.push(...blocks);
    // Other text may stand between.
    for (const block of blocks) if (block.entered) block.nested = true;
    return true;
  }

  #canGoOn(blocks: readonly JobFrame[]): boolean {
    return blocks.some(
      (frame) =>
        this.#hasMore(frame) ||
        !this.#runs(frame.job) ||
        (this.#aside.get(frame)?.some((inner) => this.#canGoOn(inner)) ?? false),
    );
  }

  #hasMore({ job, position, link }: JobFrame): boolean {
    return position < job.size || link < job.links.length;
  }

  /**
   * The next tool instance that ran in the job and had nothing to do: what it made in earlier builds is shown in its place.
   * @param before only those that began before the link of this number.
   */
  #visitIdle(frame: JobFrame, before: number | undefined): boolean {
    const { job } = frame;
    // Live, who has nothing to do is known at the end.
    if (this.#runs(job)) return false;
    for (; frame.instance < job.instances.length; frame.instance++) {
      const instance = job.instances[frame.instance]!;
      if (before !== undefined) {
        const { at } = job.links[before]!;
        if (instance.at > at || (instance.at === at && instance.after > before)) return false;
      }
      if (instance.jobs.length > 0 || this.#grouped.has(instance)) continue;
      this.#text(frame, instance.at);
      this.#visitIdleGroup(frame, instance);
      return true;
    }
    return false;
  }

  #visitIdleGroup(frame: JobFrame, instance: Instance): void {
    this.#grouped.set(instance, 'block');
    this.#stack.push(this.#wholeGroup(instance, frame.depth + 1));
  }

  /** A need that a script found to be up to date. */
  #visitNeed(frame: JobFrame, link: Link, need: string): void {
    const past = this.#options.unchanged?.(need, undefined);
    if (!past) return;
    const [job] = past;
    if (job ? this.#seen.has(job) : this.#absent.has(absentKey(need))) return;
    this.#text(frame, link.mid ? (this.#lineEnd(frame.job, link.at) ?? frame.job.size) : link.at);
    if (job) this.#visitJob(job, frame.depth + 1);
    else this.#sayAbsent(need, frame.depth + 1);
  }

  /** @param instance the one whose target it is; none: a script's, by the name that is shown. */
  #sayAbsent(target: string, depth: number, instance?: Instance): void {
    const key = absentKey(target, instance);
    if (this.#absent.has(key)) return;
    this.#absent.add(key);
    this.#enter();
    const parent = this.#open.at(-1);
    if (parent) parent.nested = true;
    const name = this.#options.shownName?.(target, instance) ?? target;
    const unmade = this.#unmade(undefined, target, instance);
    this.#out.push({ kind: 'absent', name, depth, ...(unmade && { unmade }) });
  }

  #unmade(job: Job | undefined, target: string, instance: Instance | undefined): Unmade | undefined {
    const ours = instance && this.#build.instances[instance.id] === instance;
    return this.#options.unmade?.(job, target, ours ? instance : undefined);
  }

  #text(frame: JobFrame, to: ByteOffset): void {
    if (to <= frame.position) return;
    this.#speak(frame);
    this.#commands(frame, to);
    this.#range(frame, to);
  }

  /** The job itself has something to say: its header, or that it goes on. */
  #speak(frame: JobFrame): void {
    this.#enter();
    if (!frame.nested) return;
    frame.nested = false;
    if (frame.depth >= 0) this.#out.push({ kind: 'resume', job: frame.job, depth: frame.depth });
  }

  #range(frame: JobFrame, to: ByteOffset): void {
    if (to <= frame.position) return;
    this.#out.push({ kind: 'range', job: frame.job, from: frame.position, to });
    frame.position = to;
  }

  /**
   * The commands that started before this offset and are not in the log; the text up to each of them goes out first.
   * @param upTo also those that started at this offset and are among the job's first ones.
   */
  #commands(frame: JobFrame, before: number, upTo = 0): void {
    if (!this.#options.commands) return;
    const { job } = frame;
    for (; frame.step < job.steps.length; frame.step++) {
      const step = job.steps[frame.step];
      if (!step) continue;
      if (step.at > before || (step.at === before && frame.step >= upTo)) return;
      if (step.echo) continue;
      this.#speak(frame);
      this.#range(frame, step.at);
      this.#out.push({ kind: 'command', job, step });
    }
  }

  /** Would a link to this job show anything? */
  #opens(from: Job, job: Job): boolean {
    const { instance } = job;
    // One job of an instance that asks for another (redo) shows that one, not the whole group once more.
    if (instance && instance !== from.instance && this.#arrangement(instance) === 'block')
      return !this.#grouped.has(instance);
    return !this.#seen.has(job) || ((this.#options.links ?? false) && !job.aside);
  }

  #visitLink(from: Job, job: Job, depth: number): void {
    const { instance } = job;
    if (!instance || instance === from.instance || this.#arrangement(instance) === 'links') {
      this.#visitJob(job, depth);
    } else if (!this.#grouped.has(instance)) {
      this.#grouped.set(instance, 'block');
      this.#stack.push(this.#groupFrame(instance, depth));
    }
  }

  // -- a tool instance's block -------------------------------------------------------------------------------------------------

  /** One block in the order of needs, or each job at its link? A live build that knows no graph can only do the latter. */
  #arrangement(instance: Instance): 'block' | 'links' {
    const decided = this.#grouped.get(instance);
    if (decided) return decided;
    if (this.#options.order === 'needs' && !this.#isOurs(instance.job)) return 'block';
    if (this.#options.order === 'needs' && (!this.#options.live || this.#options.strict)) return 'block';
    const known =
      this.#options.order === 'needs' &&
      !instance.piped &&
      this.#options.knownGraph?.(instance) !== undefined;
    if (!known) this.#grouped.set(instance, 'links');
    return known ? 'block' : 'links';
  }

  #group(instance: Instance): Group {
    let group = this.#groups.get(instance);
    if (!group) {
      // Strict prints what a replay prints, and a replay knows this build's own graph only; but for who had nothing to do.
      const known =
        this.#options.strict && instance.jobs.length > 0 ? undefined : this.#options.knownGraph?.(instance);
      group = new Group(instance, instance.graph ?? known);
      this.#groups.set(instance, group);
    }
    return group;
  }

  /** A group whose order is complete. */
  #wholeGroup(instance: Instance, depth: number): GroupFrame {
    return {
      kind: 'group',
      depth,
      instance,
      names: undefined,
      order: undefined,
      taken: 0,
      ranks: undefined,
      waiting: undefined,
    };
  }

  #groupFrame(instance: Instance, depth: number): GroupFrame {
    const whole = this.#wholeGroup(instance, depth);
    if (!this.#options.live || this.#options.strict || !this.#isOurs(instance.job)) return whole;
    const ranks = this.#group(instance).preorder();
    const rank = (job: Job): number => ranks.get(job.target) ?? Infinity;
    const before = (a: Job, b: Job): boolean => rank(a) < rank(b) || (rank(a) === rank(b) && a.id < b.id);
    return { ...whole, ranks, waiting: new Heap(before) };
  }

  #stepGroup(frame: GroupFrame): boolean {
    const { instance } = frame;
    if (frame.waiting) {
      for (; frame.taken < instance.jobs.length; frame.taken++) {
        const job = instance.jobs[frame.taken];
        if (job) frame.waiting.push(job);
      }
      for (let job = frame.waiting.pop(); job; job = frame.waiting.pop()) {
        if (this.#seen.has(job)) continue;
        this.#visitJob(job, frame.depth);
        return true;
      }
      if (!instance.ended) return false;
      if (!this.#options.unchanged) {
        this.#stack.pop();
        return true;
      }
    }
    // Strict: the group is looked at only when its graph is complete.
    if (this.#options.live && !instance.ended && this.#isOurs(instance.job)) return false;
    if (!frame.names) {
      const group = this.#group(instance);
      frame.order ??= group.order();
      const names = this.#options.patient ? pieceOf(frame.order) : whole(frame.order);
      if (!names) return false;
      frame.names = { group, names, next: 0 };
    }
    if (!this.#visitNext(frame.names, frame.depth)) this.#stack.pop();
    return true;
  }

  #stepNode(frame: NodeFrame): boolean {
    if (!this.#visitNext(frame.needs, frame.depth)) this.#stack.pop();
    return true;
  }

  /** Visits the next of these names; false: there is none left. */
  #visitNext(names: Names, depth: number): boolean {
    const name = names.names[names.next++];
    if (name === undefined) return false;
    this.#visitName(names.group, name, depth);
    return true;
  }

  #visitName(group: Group, name: string, depth: number): void {
    // Live, one may have started since the name was visited.
    const again = group.visited.has(name);
    if (again && !this.#options.links && !this.#options.live) return;
    const { jobs, past } = this.#jobsFor(group, name);
    group.visited.add(name);
    // What is to be shown first goes onto the stack last.
    // Beside the needs of the jobs: those of a double-colon rule that did not run, of something that the same commands make.
    if (!again)
      this.#stack.push({ kind: 'node', depth, needs: { group, names: group.needsOfNode(name), next: 0 } });
    // Several jobs of one name (a double-colon rule): each waits for its turn.
    for (let i = jobs.length - 1; i > 0; i--) {
      const job = jobs[i];
      if (job) this.#stack.push({ kind: 'turn', depth, job, within: this.#within(group, job) });
    }
    if (jobs[0]) this.#visitJob(jobs[0], depth, false, this.#within(group, jobs[0]));
    else if (past && !again && group.node(name)?.recipe) this.#sayAbsent(name, depth, group.instance);
  }

  /** The group to look for a job's needs in: of an earlier build's job, where it was found. */
  #within(group: Group, job: Job): Group | undefined {
    return this.#isOurs(job) ? undefined : group;
  }

  /**
   * Of a target with several rules (`::`): each rule's jobs, in the rules' order; from an earlier build where it did not run in this one.
   * A rule is known by its needs; the one that no job has the needs of has had others.
   */
  #withOtherRules(group: Group, name: string, ours: readonly Job[]): readonly Job[] {
    const { unchanged } = this.#options;
    if (!unchanged) return ours;
    const rules = group.node(name)?.rules;
    if (!rules) return ours;
    const known = new Map(rules.map((rule) => [ruleWith(rule), rule]));
    const changed = (job: Job): boolean => !known.has(group.ruleOf(job));
    const ran = new Map<string, Job[]>();
    const others: Job[] = [];
    for (const job of ours) {
      const same = changed(job) ? others : ran.get(group.ruleOf(job));
      if (same) same.push(job);
      else ran.set(group.ruleOf(job), [job]);
    }
    const jobs = new Set<Job>();
    const past = (is: (job: Job) => boolean): readonly Job[] => unchanged(name, group.instance, is) ?? [];
    for (const rule of known.keys()) {
      let made: readonly Job[] = ran.get(rule) ?? others;
      if (made.length === 0) made = past((job) => group.ruleOf(job) === rule);
      if (made.length === 0) made = past(changed);
      for (const job of made) jobs.add(job);
    }
    for (const job of ours) jobs.add(job);
    return [...jobs];
  }

  /** The jobs that are shown for a target: those of this build, else those of the last one in which it ran, if that is asked for. */
  #jobsFor(group: Group, name: string): { readonly jobs: readonly Job[]; readonly past: boolean } {
    const ours = this.#isOurs(group.instance.job);
    const recorded = ours ? this.#withOtherRules(group, name, group.jobsOf(name)) : group.jobsOf(name);
    if (ours && recorded.length > 0) return { jobs: recorded, past: false };
    // Of an earlier build's group: it may have run again since, by itself.
    const last = this.#unchanged(group, name);
    if (last?.length === 0 && recorded.length > 0) return { jobs: recorded, past: true };
    return { jobs: last ?? [], past: last !== undefined };
  }

  /** The jobs of an earlier build that stand for a target which did not run in this one; undefined: nothing is to be shown for it. */
  #unchanged(group: Group, name: string): readonly Job[] | undefined {
    const { unchanged } = this.#options;
    if (!unchanged) return undefined;
    const node = group.node(name);
    if (node?.recipe === false) return undefined;
    const jobs = unchanged(name, group.instance);
    if (!jobs || jobs.length > 0) return jobs;
    for (const sibling of node?.also ?? []) {
      const same = unchanged(sibling, group.instance);
      if (!same || same.length > 0) return same;
    }
    return jobs;
  }

  // -- late bytes ------------------------------------------------------------------------------------------------------------

  /** What a process that outlived its job said, or launched, after the job's block was closed. */
  #showLate(): void {
    this.#lateDone = true;
    for (const job of [...this.#build.jobs].reverse()) {
      const left = this.#left.get(job);
      if (!left || (job.size <= left.position && left.link >= job.links.length)) continue;
      const depth = this.#topDepth(job);
      const frame: JobFrame = { ...left, depth, needs: undefined, entered: true, nested: true, late: true };
      this.#stack.push({ kind: 'late', frame });
    }
  }
}

/** Is it for the same failures? */
function isSame(a: Unmade | undefined, b: Unmade): boolean {
  return a?.failed.length === b.failed.length && a.failed.every((job, i) => job === b.failed[i]);
}

/** Targets of one name in several instances are several. */
function absentKey(target: string, instance?: Instance): string {
  return `${instance?.job.id ?? ''} ${instance?.id ?? ''} ${target}`;
}

/** One piece of work; undefined while there is more to do. */
function pieceOf<T>(pieces: Pieces<T>): T | undefined {
  const { done, value } = pieces.next();
  return done ? value : undefined;
}
