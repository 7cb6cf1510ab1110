// The depth-first walk of the log DAG: takes a build and its growth, and returns segments. Live display and
// replay use the same walk; a replay just never has to wait. Knows no file, no process and no text. It asks
// its caller where a line ends.
//
// The walk is a stack of frames. Its memory is therefore the depth of the walk, and a chain of 100,000 needs
// does not overflow the call stack. `next` steps the top frame until there is something to print, or nothing
// to do but wait.

import type { Build, Instance, Job, Link } from '../model/build.ts';
import { type ByteOffset, START } from '../model/ids.ts';
import { type Sliced, runToEnd } from '../model/sliced.ts';
import { unreachable } from '../model/unreachable.ts';
import type { Frame, GroupFrame, JobFrame, Names, NodeFrame } from './frames.ts';
import type { Group } from './group.ts';
import { Heap } from './heap.ts';
import { WalkOutput } from './output.ts';
import type { Segment, Segments } from './segments.ts';
import { type Entry, entriesInOrder } from './sidebyside.ts';
import { TargetJobs } from './targetjobs.ts';
import type { LineEnd, WalkRoot, WalkOptions } from './walkoptions.ts';

export class Walk implements Segments {
  readonly #build: Build;
  readonly #options: WalkOptions;
  readonly #lineEnd: LineEnd;
  readonly #stack: Frame[] = [];
  readonly #roots: WalkRoot[];
  readonly #targets: TargetJobs;
  readonly #output: WalkOutput;
  readonly #seen = new Set<Job>();
  /** Instances whose block has begun, or whose jobs are shown one by one in launch order. */
  readonly #grouped = new Map<Instance, 'block' | 'links'>();
  /**
   * Closed blocks of a live build, with the offset up to which each was shown. Later output is shown at the
   * end.
   */
  readonly #closed = new Map<Job, JobFrame>();
  /**
   * Blocks that were suspended because the log around them had more output, by the frame of that log. The
   * outermost frame comes first.
   */
  readonly #suspended = new Map<JobFrame, JobFrame[][]>();
  /** The job that the walk's present root is, or is in. */
  #root: Job | undefined;
  #lateDone = false;

  constructor(build: Build, roots: readonly WalkRoot[], options: WalkOptions, lineEnd: LineEnd) {
    this.#build = build;
    this.#roots = [...roots].reverse();
    this.#options = options;
    this.#targets = new TargetJobs(build, options);
    this.#output = new WalkOutput(options, this.#targets);
    this.#lineEnd = lineEnd;
  }

  /**
   * Returns the next segment; 'wait' if a live build has nothing more to print yet or the work is being
   * sliced; 'done' after the last segment.
   */
  next(): Segment | 'wait' | 'done' {
    for (;;) {
      const segment = this.#output.take();
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
    return this.#output.open.map(({ job }) => job);
  }

  #start(root: WalkRoot): void {
    this.#root = 'job' in root ? root.job : root.instance.job;
    if ('job' in root) {
      this.#visitJob(root.job, this.#topDepth(root.job), root.alone);
    } else {
      const group = this.#targets.group(root.instance);
      // Of several jobs of one name, the others are `name#2` and so on.
      const [job] = this.#targets.jobsFor(group, root.target).jobs;
      if (job) this.#visitJob(job, 0, false, this.#targets.within(group, job));
      else this.#visitName(group, root.target, 0);
    }
  }

  /** The depth of a block that is not inside another; -1 if it has no header. */
  #topDepth(job: Job): number {
    return job.parent === undefined && !this.#options.rootHeader ? -1 : 0;
  }

  /** Returns false if nothing can be done yet. */
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
        this.#output.open.push(frame.frame);
        return true;
      case 'group':
        return this.#stepGroup(frame);
      default:
        return unreachable(frame);
    }
  }

  // -- a job's block -------------------------------------------------------------------------------------

  /** @param within the group that led to a job of an earlier build. */
  #visitJob(job: Job, depth: number, alone = false, within?: Group): void {
    if (this.#seen.has(job)) {
      if (this.#options.links && !job.redirected) this.#output.push({ kind: 'seen', job, depth });
      return;
    }
    this.#seen.add(job);
    if (job.kept && !this.#isAbove(job.kept)) return;
    let needs: Names | undefined;
    if (
      !alone &&
      this.#options.order === 'needs' &&
      job.instance &&
      this.#arrangement(job.instance) === 'block'
    ) {
      // An earlier build's job has the needs that the current graph gives it, where it was found.
      const group = within?.instance.cwd === job.instance.cwd ? within : this.#targets.group(job.instance);
      group.visited.add(job.target);
      const names = group === within ? group.needsNow(job) : group.needsOfJob(job);
      needs = { group, names, next: 0 };
    }
    const frame: JobFrame = {
      kind: 'job',
      job,
      behindPipe: this.#isBehindPipe(job),
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
      notRemade: this.#targets.isOurs(job)
        ? undefined
        : this.#targets.notRemade(job, job.target, within?.instance),
    };
    this.#stack.push(frame);
    this.#output.open.push(frame);
    if (!job.redirected && !frame.behindPipe) this.#output.enter();
  }

  /** Does the job's output go into a pipe that is inside what is shown? */
  #isBehindPipe({ pipe, id }: Job): boolean {
    if (!pipe || this.#build.jobs[id]?.pipe !== pipe) return false;
    return !this.#isAbove(pipe);
  }

  /** Is that job the one that is shown, or above it? */
  #isAbove(job: Job): boolean {
    for (let at = this.#root; at; at = at.parent) if (at === job) return true;
    return false;
  }

  /** How much of the job's log can be shown. */
  #size({ job, behindPipe }: JobFrame): ByteOffset {
    return behindPipe ? job.settled : job.size;
  }

  /** Live, and in launch order, output is shown in the order in which it came. */
  #entriesOf(job: Job): Iterator<Entry> | undefined {
    if (this.#options.order !== 'needs' || (this.#options.live && this.#targets.isOurs(job)))
      return undefined;
    return entriesInOrder(job, (at) => this.#lineEnd(job, at) ?? job.size)?.values();
  }

  /** Shows the next part of a log that several tools wrote to. Returns false if there is none. */
  #stepEntry(frame: JobFrame, entries: Iterator<Entry>): boolean {
    const { job } = frame;
    const entry = entries.next().value as Entry | undefined;
    if (!entry) return false;
    if ('from' in entry) {
      frame.position = entry.from;
      this.#output.text(frame, entry.to);
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
      frame.position = this.#size(frame);
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
      // A link that shows nothing does not split the text, since ranges must not depend on such links.
      if (!link.job || !this.#opens(job, link.job)) {
        frame.link++;
        return true;
      }
      const at = link.midLine ? this.#lineEnd(job, link.at) : link.at;
      if (at === undefined || (at > this.#size(frame) && this.#runs(frame))) {
        this.#output.text(frame, this.#size(frame));
        return this.#output.waiting;
      }
      this.#output.text(frame, at);
      this.#output.commands(frame, at, link.stepsBefore);
      frame.link++;
      this.#visitLink(job, link.job, frame.depth + 1);
      return true;
    }
    this.#output.text(frame, this.#size(frame));
    const runs = this.#runs(frame);
    if (this.#output.waiting) return true;
    if (this.#resume(frame, !runs)) return true;
    if (runs) return this.#leaveForLogAround();
    if (this.#options.unchanged && this.#visitIdle(frame, undefined)) return true;
    this.#output.commands(frame, Infinity);
    this.#stack.pop();
    this.#output.open.pop();
    if (this.#options.live) this.#closed.set(job, frame);
    if (frame.entered && frame.depth >= 0 && !frame.late)
      this.#output.push({ kind: 'leave', job, depth: frame.depth });
    return true;
  }

  /** May the job still say something? */
  #runs({ job, behindPipe }: JobFrame): boolean {
    if (!this.#options.live || !this.#targets.isOurs(job)) return false;
    return (
      job.ended === undefined ||
      (behindPipe && job.settled < job.size && !job.pipe?.readerIdle && !this.#build.ended)
    );
  }

  // -- piped jobs: their output appears in the log around them, which must not wait for their end ----------

  /**
   * Suspends the top blocks, if all of them are running piped jobs, in favour of the innermost log around
   * them that has more to show. Returns false if there is none.
   */
  #leaveForLogAround(): boolean {
    if (this.#options.strict) return false;
    const stack = this.#stack;
    for (let at = stack.length - 1; at > 0; at--) {
      const frame = stack[at]!;
      const around = stack[at - 1]!;
      if (frame.kind !== 'job' || !frame.job.piped || around.kind !== 'job') return false;
      if (!this.#hasMore(around)) continue;
      const left = stack.splice(at) as JobFrame[];
      this.#output.open.splice(-left.length);
      const others = this.#suspended.get(around) ?? [];
      const order = (blocks: readonly JobFrame[]): number => blocks[0]?.job.id ?? 0;
      this.#suspended.set(
        around,
        [...others, left].sort((a, b) => order(a) - order(b)),
      );
      return true;
    }
    return false;
  }

  /**
   * Resumes a suspended block of this frame's log that has more to show. Returns false if there is none.
   * @param any whether to resume one that has nothing to show as well.
   */
  #resume(frame: JobFrame, any: boolean): boolean {
    const aside = this.#suspended.get(frame);
    if (!aside) return false;
    const which = any ? 0 : aside.findIndex((blocks) => this.#canGoOn(blocks));
    const [blocks] = which < 0 ? [] : aside.splice(which, 1);
    if (!blocks) return false;
    if (aside.length === 0) this.#suspended.delete(frame);
    this.#stack.push(...blocks);
    this.#output.open.push(...blocks);
    // Other text may have been printed in between.
    for (const block of blocks) if (block.entered) block.nested = true;
    return true;
  }

  #canGoOn(blocks: readonly JobFrame[]): boolean {
    return blocks.some(
      (frame) =>
        this.#hasMore(frame) ||
        !this.#runs(frame) ||
        (this.#suspended.get(frame)?.some((inner) => this.#canGoOn(inner)) ?? false),
    );
  }

  #hasMore(frame: JobFrame): boolean {
    return frame.position < this.#size(frame) || frame.link < frame.job.links.length;
  }

  /**
   * Visits the next tool instance that ran in the job and had nothing to do. Its targets from earlier builds
   * are shown in its place.
   * @param before visits only instances that began before the link of this number.
   */
  #visitIdle(frame: JobFrame, before: number | undefined): boolean {
    const { job } = frame;
    // While the job runs, it is not known which instances will have nothing to do.
    if (this.#runs(frame)) return false;
    for (; frame.instance < job.instances.length; frame.instance++) {
      const instance = job.instances[frame.instance]!;
      if (before !== undefined) {
        const { at } = job.links[before]!;
        if (instance.at > at || (instance.at === at && instance.linksBefore > before)) return false;
      }
      if (instance.jobs.length > 0 || this.#grouped.has(instance)) continue;
      this.#output.text(frame, instance.at);
      this.#visitIdleGroup(frame, instance);
      return true;
    }
    return false;
  }

  #visitIdleGroup(frame: JobFrame, instance: Instance): void {
    this.#grouped.set(instance, 'block');
    this.#stack.push(this.#wholeGroup(instance, frame.depth + 1));
  }

  /** Visits a need that a script found to be up to date. */
  #visitNeed(frame: JobFrame, link: Link, need: string): void {
    const past = this.#options.unchanged?.(need, undefined);
    if (!past) return;
    const [job] = past;
    if (job ? this.#seen.has(job) : this.#output.isAbsent(need)) return;
    this.#output.text(frame, link.midLine ? (this.#lineEnd(frame.job, link.at) ?? frame.job.size) : link.at);
    if (job) this.#visitJob(job, frame.depth + 1);
    else this.#output.sayAbsent(need, frame.depth + 1);
  }

  /** Would a link to this job show anything? */
  #opens(from: Job, job: Job): boolean {
    const { instance } = job;
    // A job that asks for another job of its own instance (redo) shows that job only, not the whole group
    // again.
    if (instance && instance !== from.instance && this.#arrangement(instance) === 'block')
      return !this.#grouped.has(instance);
    return !this.#seen.has(job) || ((this.#options.links ?? false) && !job.redirected);
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

  // -- a tool instance's block ---------------------------------------------------------------------------

  /**
   * Are the instance's jobs one block in the order of needs, or is each shown at its link? A live build
   * without a known graph can only do the latter.
   */
  #arrangement(instance: Instance): 'block' | 'links' {
    const decided = this.#grouped.get(instance);
    if (decided) return decided;
    if (this.#options.order === 'needs' && !this.#targets.isOurs(instance.job)) return 'block';
    if (this.#options.order === 'needs' && (!this.#options.live || this.#options.strict)) return 'block';
    const known =
      this.#options.order === 'needs' &&
      !instance.piped &&
      this.#options.knownGraph?.(instance) !== undefined;
    if (!known) this.#grouped.set(instance, 'links');
    return known ? 'block' : 'links';
  }

  /** Returns a frame for a group whose order is complete. */
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
    if (!this.#options.live || this.#options.strict || !this.#targets.isOurs(instance.job)) return whole;
    const ranks = this.#targets.group(instance).preorder();
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
    // Strict visits a group only when its graph is complete.
    if (this.#options.live && !instance.ended && this.#targets.isOurs(instance.job)) return false;
    if (!frame.names) {
      const group = this.#targets.group(instance);
      frame.order ??= group.order();
      const names = this.#options.sliced ? runSlice(frame.order) : runToEnd(frame.order);
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

  /** Visits the next of these names. Returns false if there is none. */
  #visitNext(names: Names, depth: number): boolean {
    const name = names.names[names.next++];
    if (name === undefined) return false;
    this.#visitName(names.group, name, depth);
    return true;
  }

  #visitName(group: Group, name: string, depth: number): void {
    // In a live build, a job may have started since the name was visited.
    const again = group.visited.has(name);
    if (again && !this.#options.links && !this.#options.live) return;
    const { jobs, past } = this.#targets.jobsFor(group, name);
    group.visited.add(name);
    // The last frame pushed is shown first. Besides the needs of the jobs, a node has those of a double-colon
    // rule that did not run, and those of siblings that the same commands make.
    if (!again)
      this.#stack.push({ kind: 'node', depth, needs: { group, names: group.needsOfNode(name), next: 0 } });
    // Several jobs of one name (a double-colon rule) each wait for their turn.
    for (let i = jobs.length - 1; i > 0; i--) {
      const job = jobs[i];
      if (job) this.#stack.push({ kind: 'turn', depth, job, within: this.#targets.within(group, job) });
    }
    if (jobs[0]) this.#visitJob(jobs[0], depth, false, this.#targets.within(group, jobs[0]));
    else if (past && !again && group.node(name)?.recipe) this.#output.sayAbsent(name, depth, group.instance);
  }

  // -- late bytes ----------------------------------------------------------------------------------------

  /** Shows what a process that outlived its job wrote or launched after the job's block was closed. */
  #showLate(): void {
    this.#lateDone = true;
    for (const job of [...this.#build.jobs].reverse()) {
      const left = this.#closed.get(job);
      if (!left || (this.#size(left) <= left.position && left.link >= job.links.length)) continue;
      const depth = this.#topDepth(job);
      const frame: JobFrame = { ...left, depth, needs: undefined, entered: true, nested: true, late: true };
      this.#stack.push({ kind: 'late', frame });
    }
  }
}

/** Does one slice of the work. Returns undefined while there is more to do. */
function runSlice<T>(pieces: Sliced<T>): T | undefined {
  const { done, value } = pieces.next();
  return done ? value : undefined;
}
