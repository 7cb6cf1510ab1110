// The browser at work: keys and events go into the state, what the state wants done is done, and the screen is drawn when something has changed. What
// takes long is done in slices between keys. Knows the store and the panes; the terminal is screen.ts's.

import fs from 'node:fs';
import path from 'node:path';
import { PlainRenderer } from '../render/renderer.ts';
import { Walk, type WalkOptions } from '../linearize/walk.ts';
import { rootFailures } from '../linearize/paths.ts';
import { type Job, failed } from '../model/build.ts';
import { isFailure, reason } from '../model/failure.ts';
import { type ByteOffset, ROOT } from '../model/ids.ts';
import { unreachable } from '../model/unreachable.ts';
import { lineEnds } from '../play/player.ts';
import type { Extractor } from '../problems/extract.ts';
import { Problems } from '../problems/merge.ts';
import type { Problem } from '../problems/problem.ts';
import { duration } from '../render/renderer.ts';
import { escapeName } from '../render/sanitize.ts';
import { GraphHistory } from '../store/graphhistory.ts';
import { Growth } from '../store/growth.ts';
import { History } from '../store/history.ts';
import { type Place, logFile } from '../store/layout.ts';
import { findCriticalPath } from '../timing/critical.ts';
import { Blocks } from './doc/blocks.ts';
import { type Search, backward, forward } from './doc/find.ts';
import type { Document } from './doc/lines.ts';
import { block, ownLog } from './doc/log.ts';
import { LineNumbers } from './doc/numbers.ts';
import { PieceDocument } from './doc/pieces.ts';
import { BuildList } from './buildlist.ts';
import { goFirst, goLast, goTo } from './logview.ts';
import { type LiveBuild, Opened } from './opened.ts';
import { clipboard, edit, editorCommand, page, pagerCommand } from './outside.ts';
import { layout } from './layout.ts';
import { moveTo } from './list.ts';
import { type Mouse, Screen, reduce } from './screen.ts';
import { type Effect, NOTHING, type Shown, type State, initialState, selectedJob } from './state.ts';
import { type Colours, Painter } from './text/paint.ts';
import { problemLines, targetOf, textDocument, whyLines } from './texts.ts';
import { Tree, TreeMaker } from './tree.ts';
import { buildsShown, logWindow, press, refreshRows, resized, selectJob, setRows, visit } from './update.ts';
import { frame } from './views/frame.ts';
import { criticalMark, jobMark } from './views/marks.ts';

/** What the browser is given. */
export interface Wiring {
  readonly place: Place;
  /** The build to show first: the last one, if none is given. */
  readonly build: string | LiveBuild | undefined;
  readonly colours: Colours;
  readonly ascii: boolean;
  /** Finds the problems in a job's log. */
  readonly extractor: (opened: Opened, job: Job) => Extractor;
  /** What a job said, and did not when it last ran, as lines; undefined: that cannot be told here. */
  readonly differences: (opened: Opened, job: Job) => Comparing;
}

/** A comparison that goes on elsewhere. */
export interface Comparing {
  readonly lines: Promise<readonly string[]>;
  /** Gives it up. */
  readonly cancel: () => void;
}

/** How the browser was left. */
export type Left = 'leave' | 'detach' | 'stop' | 'gone';

/** A slice of work between keys. */
const SLICE_MS = 12;
const TICK_MS = 100;
const IDLE_TICK_MS = 1000;
/** How often the list of jobs is made anew while a build is read. */
const LISTED_MS = 300;
const CHUNK = 256 * 1024;
const WHEEL = 3;

/** Something long: steps until it says that it is done. */
type Task = Generator<undefined, void, void>;

export class App {
  readonly #wiring: Wiring;
  readonly #screen: Screen;
  readonly #painter: Painter;
  readonly #state: State;
  readonly #list: BuildList;
  readonly #resolve: (left: Left) => void;
  readonly left: Promise<Left>;
  #opened: Opened | undefined;
  #blocks = new Blocks(() => ({ read: () => 0 }));
  #maker: TreeMaker | undefined;
  /** So many jobs are in the tree of a build that is being read. */
  #listed = 0;
  #treeAt = 0;
  #treeCost = 0;
  #treeStale = false;
  /** The revision of the build that is in the tree. */
  #treeOf = 0;
  #showStale = false;
  #search: Search | undefined;
  #task: Task | undefined;
  /** Ends what goes on in another thread. */
  #cancel: (() => void) | undefined;
  #growth: Growth | undefined;
  #scheduled = false;
  #working = false;
  #timer: NodeJS.Timeout | undefined;
  #lastTick = 0;
  /** The job to go to once the build is read. */
  #wanted: { readonly name: string } | undefined;
  #problems: { readonly job: Job; readonly size: number; readonly found: readonly Problem[] } | undefined;
  #over = false;

  constructor(wiring: Wiring, input: NodeJS.ReadStream, output: NodeJS.WriteStream) {
    this.#wiring = wiring;
    let settle: (left: Left) => void = () => undefined;
    this.left = new Promise((resolve) => {
      settle = resolve;
    });
    this.#resolve = settle;
    this.#screen = new Screen(input, output, {
      key: (name, typed) => {
        this.#key(name, typed);
      },
      mouse: (mouse) => {
        this.#mouse(mouse);
      },
      redraw: () => {
        this.#redraw();
      },
      gone: () => {
        this.leave('gone');
      },
    });
    const { width, height } = this.#screen.size;
    this.#state = initialState(width, height, wiring.ascii);
    this.#state.now = Date.now();
    this.#state.wrapping = typeof wiring.build === 'object';
    this.#painter = new Painter(wiring.colours, reduce);
    this.#list = new BuildList(wiring.place.store);
  }

  /** Takes the terminal and shows what there is. */
  start(): void {
    this.#screen.enter();
    try {
      this.#list.look();
    } catch (error) {
      this.#say(error);
    }
    this.#list.step(this.#state.height);
    this.#state.builds = this.#list.rows();
    this.#draw();
    const first = this.#wiring.build ?? this.#state.builds.find(({ state }) => state !== 'damaged')?.id;
    if (first !== undefined) this.#open(first);
    this.#work();
    this.#tick();
  }

  /** The build that runs in this process has changed. */
  changed(): void {
    this.#opened?.changed();
  }

  /** It has ended: leaving is no question any more. */
  ended(): void {
    this.#state.wrapping = false;
    if (this.#state.question?.kind === 'leave') this.#state.question = undefined;
    this.#opened?.refresh();
    this.#treeStale = true;
    this.#treeCost = 0;
    this.#tick();
  }

  say(text: string): void {
    this.#state.message = text;
    this.#schedule();
  }

  // -- what happens ------------------------------------------------------------------------------------------------------------

  #key(name: string, typed: string): void {
    if (this.#over) return;
    // Keys may come faster than they are drawn; what they do is done to what the ones before led to.
    this.#showSelected();
    this.#guard(() => {
      this.#do(press(this.#state, name, typed));
    });
    this.#schedule();
    this.#work();
  }

  /** What goes wrong with a store or a log is a message, not the end. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#say(error);
    }
  }

  #say(error: unknown): void {
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    if (!isFailure(error) && code === undefined) throw error;
    this.#state.message = isFailure(error) ? error.message : reason(error);
    this.#schedule();
  }

  #do(effects: readonly Effect[]): void {
    for (const effect of effects) this.#effect(effect);
  }

  #effect(effect: Effect): void {
    const state = this.#state;
    switch (effect.do) {
      case 'open':
        this.#open(effect.id);
        return;
      case 'show':
        this.#showStale = true;
        return;
      case 'tree':
        this.#startTree();
        return;
      case 'search':
        this.#startSearch(effect.from, effect.forward);
        return;
      case 'problem':
        this.#begin(this.#nextProblem(effect.forward));
        return;
      case 'times':
        this.#readTimes();
        return;
      case 'giveUp':
        this.#giveUp();
        return;
      case 'critical':
        this.#begin(this.#critical());
        return;
      case 'text':
        this.#text(effect.kind);
        return;
      case 'run':
        this.#run(effect.newer);
        return;
      case 'copy':
        this.#screen.write(clipboard(effect.text));
        state.message = `copied: ${effect.text}`;
        return;
      case 'pager':
        void this.#pager();
        return;
      case 'edit':
        if (effect.target?.file !== undefined)
          void this.#edit(effect.target.file, effect.target.line, effect.target.column);
        else this.#begin(this.#editHere());
        return;
      case 'save':
        this.#save(effect.file, effect.overwrite);
        return;
      case 'mouse':
        this.#screen.mouse(state.mouse);
        return;
      case 'redraw':
        this.#redraw();
        return;
      case 'suspend':
        this.#screen.suspend();
        return;
      case 'quit':
        this.leave(effect.how);
        return;
      default:
        unreachable(effect);
    }
  }

  #mouse({ kind, x, y }: Mouse): void {
    const state = this.#state;
    const { panes } = layout(state.width, state.height, state.focus, state.zoomed);
    for (const pane of ['builds', 'jobs', 'log'] as const) {
      const rect = panes[pane];
      if (!rect || x < rect.x || x >= rect.x + rect.width || y < rect.y || y >= rect.y + rect.height)
        continue;
      state.focus = pane;
      resized(state);
      if (kind !== 'click') {
        for (let i = 0; i < WHEEL; i++) this.#do(press(state, kind, ''));
      } else if (y > rect.y) {
        const row = y - rect.y - 1;
        const list = pane === 'builds' ? state.buildList : state.jobs.list;
        const count = pane === 'builds' ? buildsShown(state).length : state.jobs.visible.length;
        if (pane !== 'log') {
          moveTo(list, list.top + row, count, rect.height - 1);
          if (pane === 'jobs') this.#showStale = true;
        }
      }
    }
    this.#schedule();
  }

  #redraw(): void {
    const { width, height } = this.#screen.size;
    this.#painter.forget();
    this.#screen.write('\x1b[2J');
    Object.assign(this.#state, { width, height });
    resized(this.#state);
    this.#draw();
  }

  /** Gives the terminal back. */
  leave(how: Left): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#giveUp();
    this.#growth?.close();
    this.#screen.close();
    this.#opened?.close();
    this.#resolve(how);
  }

  // -- drawing -----------------------------------------------------------------------------------------------------------------

  #schedule(): void {
    if (this.#scheduled || this.#over) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#over) this.#draw();
    });
  }

  #draw(): void {
    this.#showSelected();
    const shown = frame(this.#state, this.#wiring.colours !== 0);
    const bytes = this.#painter.paint(shown);
    if (bytes !== '') this.#screen.write(bytes);
  }

  /** Once for all moves since the last time. */
  #showSelected(): void {
    if (!this.#showStale) return;
    this.#showStale = false;
    this.#guard(() => {
      this.#show();
    });
  }

  // -- work in slices ----------------------------------------------------------------------------------------------------------

  #work(): void {
    if (this.#working || this.#over) return;
    this.#working = true;
    setImmediate(() => {
      this.#working = false;
      if (this.#over) return;
      const end = Date.now() + SLICE_MS;
      if (this.#slice(end)) this.#work();
    });
  }

  /** Begins something long, in place of what was begun before. */
  #begin(task: Task): void {
    this.#giveUp();
    this.#task = task;
  }

  #giveUp(): void {
    this.#task?.return();
    this.#task = undefined;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#state.working = undefined;
  }

  /** @returns whether there is more to do. */
  #slice(end: number): boolean {
    try {
      while (Date.now() < end) if (!this.#step()) return false;
    } catch (error) {
      this.#giveUp();
      this.#search = undefined;
      this.#say(error);
    }
    return true;
  }

  /** One step of what is to be done; false: nothing is. */
  #step(): boolean {
    if (this.#opened && this.#opened.loaded < 1) {
      this.#read(this.#opened);
      return true;
    }
    if (this.#maker) {
      if (!this.#maker.step(2000)) this.#treeMade(this.#maker);
      return true;
    }
    if (this.#search) {
      this.#stepSearch(this.#search);
      return true;
    }
    if (this.#task) {
      const task = this.#task;
      if (task.next().done && this.#task === task) this.#giveUp();
      this.#schedule();
      return true;
    }
    if (this.#state.log.timing && this.#growth) {
      this.#state.log.timing = this.#growth.step();
      this.#schedule();
      return true;
    }
    if (this.#list.step(20)) {
      this.#state.builds = this.#list.rows();
      this.#schedule();
      return true;
    }
    this.#state.builds = this.#list.rows();
    const { log } = this.#state;
    if (log.numbers && log.shown.numbers?.step()) {
      this.#schedule();
      return true;
    }
    this.#schedule();
    return false;
  }

  #tick(): void {
    clearTimeout(this.#timer);
    if (this.#over) return;
    const state = this.#state;
    const started = Date.now();
    this.#guard(() => {
      if (started - this.#lastTick >= IDLE_TICK_MS - TICK_MS / 2) {
        this.#lastTick = started;
        state.now = started;
        if (this.#list.look()) this.#work();
        if (this.#list.running() && this.#list.refresh()) state.builds = this.#list.rows();
        this.#schedule();
      }
      this.#refresh();
    });
    const live = this.#opened?.state === 'running' && this.#opened.loaded === 1;
    this.#timer = setTimeout(
      () => {
        this.#tick();
      },
      live ? TICK_MS : IDLE_TICK_MS,
    );
  }

  /** Looks again at the build that is shown. */
  #refresh(): void {
    const opened = this.#opened;
    if (!opened) return;
    if (opened.refresh()) {
      const { log, jobs } = this.#state;
      const { document } = log.shown;
      if (document instanceof PieceDocument) document.wake();
      if (log.follow) goLast(document, log, logWindow(this.#state));
      if (log.times && !log.timing) while (this.#growth?.step());
      if (opened.revision !== this.#treeOf) {
        this.#treeStale = true;
        jobs.counts = countsOf(opened);
      }
      this.#schedule();
    }
    const due = Date.now() - this.#treeAt > Math.max(200, 10 * this.#treeCost);
    if (this.#treeStale && due && !this.#maker && opened.loaded === 1) this.#startTree();
  }

  // -- a build -----------------------------------------------------------------------------------------------------------------

  #open(which: string | LiveBuild): void {
    let opened: Opened;
    try {
      opened = new Opened(this.#wiring.place, which);
    } catch (error) {
      this.#say(error);
      return;
    }
    this.#opened?.close();
    this.#opened = opened;
    const state = this.#state;
    state.open = opened;
    const at = buildsShown(state).findIndex(({ id }) => id === opened.id);
    if (at >= 0) state.buildList.cursor = at;
    this.#blocks = new Blocks(opened.past.logsOf(opened.logs));
    this.#maker = undefined;
    this.#search = undefined;
    this.#giveUp();
    this.#growth?.close();
    this.#growth = undefined;
    this.#problems = undefined;
    this.#listed = 0;
    state.back = [];
    state.log.searching = false;
    state.jobs.tree = new Tree(opened.build.jobs);
    state.jobs.folded.clear();
    state.jobs.critical = undefined;
    state.jobs.counts = countsOf(opened);
    Object.assign(state.jobs.list, { cursor: 0, top: 0 });
    refreshRows(state);
    this.#showNothing();
    if (state.log.times) this.#readTimes();
    if (state.focus === 'builds') state.focus = 'jobs';
    resized(state);
    if (opened.loaded === 1) this.#startTree();
    this.#schedule();
    this.#work();
    this.#tick();
  }

  /** Reads on; the jobs are listed as they come. */
  #read(opened: Opened): void {
    let more: boolean;
    try {
      more = opened.step();
    } catch (error) {
      this.#opened = undefined;
      this.#state.open = undefined;
      opened.close();
      this.#say(error);
      return;
    }
    const { jobs } = this.#state;
    const all = opened.build.jobs;
    for (; this.#listed < all.length; this.#listed++) {
      const job = all[this.#listed];
      if (job) jobs.tree.add(job, job.parent ? 1 : 0, false);
    }
    if (Date.now() - this.#treeAt > LISTED_MS || !more) {
      this.#treeAt = Date.now();
      refreshRows(this.#state);
      jobs.counts = { jobs: Math.max(0, all.length - 1), failed: 0, running: 0 };
      this.#schedule();
    }
    if (!more) {
      jobs.counts = countsOf(opened);
      if (opened.trouble !== undefined) this.#state.message = opened.trouble;
      this.#startTree();
    }
  }

  #walkOptions(opened: Opened): WalkOptions {
    const { jobs } = this.#state;
    const { past, build } = opened;
    const history = new GraphHistory(this.#wiring.place.store, opened.id);
    const running = opened.state === 'running';
    return {
      order: jobs.order,
      rootHeader: build.started?.name !== undefined,
      ...(running && { knownGraph: (instance) => instance.graph ?? history.find(instance)?.graph }),
      ...(jobs.unchanged && {
        unchanged: (name, instance) => past.unchanged(name, instance),
        knownGraph: (instance) => past.graphOf(instance),
      }),
    };
  }

  #startTree(): void {
    const opened = this.#opened;
    if (!opened || opened.loaded < 1) return;
    const root = opened.build.jobs[ROOT];
    if (!root) return;
    this.#treeStale = false;
    this.#treeOf = opened.revision;
    this.#treeAt = Date.now();
    const options = { ...this.#walkOptions(opened), links: true, patient: true };
    const walk = new Walk(opened.build, [{ job: root }], options, (_, at) => at);
    const headed = options.rootHeader ?? false;
    this.#maker = new TreeMaker(walk, opened.build.jobs, headed ? undefined : root);
    this.#work();
  }

  #treeMade(maker: TreeMaker): void {
    this.#maker = undefined;
    this.#treeCost = Date.now() - this.#treeAt;
    this.#treeAt = Date.now();
    const state = this.#state;
    const opened = this.#opened!;
    const before = selectedJob(state);
    const first = this.#state.log.shown === NOTHING;
    state.jobs.tree = maker.tree;
    // What the walk does not show (without text, and started aside) is not lost.
    for (const job of opened.build.jobs) if (maker.tree.of(job) === undefined) maker.tree.add(job, 1, false);
    state.jobs.counts = countsOf(opened);
    setRows(state, before);
    const wanted = this.#wanted;
    this.#wanted = undefined;
    const job = wanted && opened.build.jobs.find((one) => one.name === wanted.name);
    if (job) selectJob(state, job);
    else if (wanted) state.message = `${wanted.name} did not run in this build`;
    else if (first && before === opened.build.jobs[ROOT]) {
      const [bad] = rootFailures(opened.build);
      if (bad) selectJob(state, bad);
    }
    this.#showStale = true;
    this.#schedule();
  }

  // -- the log pane ------------------------------------------------------------------------------------------------------------

  #showNothing(): void {
    const { log } = this.#state;
    log.shown = NOTHING;
    goFirst(log);
    log.row = 0;
    log.left = 0;
  }

  /** Shows the job under the cursor. */
  #show(): void {
    const state = this.#state;
    const { log } = state;
    const opened = this.#opened;
    const job = selectedJob(state);
    if (!opened || !job) {
      this.#showNothing();
      return;
    }
    const kind = log.block ? 'block' : 'own';
    const same = log.shown.job === job && log.shown.kind === kind;
    if (!same || (kind === 'block' && log.shown.title !== this.#title(opened, job, kind))) {
      this.#setShown(kind === 'block' ? this.#blockOf(opened, job) : this.#ownOf(opened, job));
      log.pendingProblem = undefined;
    }
    const at = log.pendingAt;
    log.pendingAt = undefined;
    if (at !== undefined && log.shown.document instanceof PieceDocument) {
      const offset = log.shown.document.find(job, at);
      if (offset !== undefined)
        goTo(log.shown.document, log, logWindow(state), log.shown.document.startOf(offset));
    }
  }

  #setShown(shown: Shown): void {
    const { log } = this.#state;
    this.#search = undefined;
    log.searching = false;
    log.shown = shown;
    goFirst(log);
    log.row = 0;
    log.left = 0;
    if (log.follow) goLast(shown.document, log, logWindow(this.#state));
  }

  #title(opened: Opened, job: Job, kind: Shown['kind']): string {
    const { order, unchanged } = this.#state.jobs;
    const how = `${order === 'launch' ? ', launch order' : ''}${unchanged ? ', unchanged too' : ''}`;
    const name = job.parent || opened.build.started?.name !== undefined ? opened.nameOf(job) : job.name;
    return kind === 'block' ? `${name} and below${how}` : name;
  }

  #ownOf(opened: Opened, job: Job): Shown {
    const { ascii } = this.#state;
    const mark = (child: Job): string => {
      const name = escapeName(opened.nameOf(child));
      const took = child.ended === undefined ? '' : ` ${duration(child.ended - child.started)}`;
      const sign = jobMark(child, opened, ascii);
      return `\x1b[1m${ascii ? '>' : '▸'} ${name}\x1b[0m \x1b[${sign.style}m${sign.text}\x1b[0m\x1b[2m${took}\x1b[0m`;
    };
    const document = ownLog(job, this.#blocks, mark, () => this.#trouble(opened, job));
    return {
      kind: 'own',
      title: this.#title(opened, job, 'own'),
      job,
      document,
      numbers: new LineNumbers(document),
      timeOf: (of, at) => this.#timeOf(opened, of, at),
    };
  }

  #blockOf(opened: Opened, job: Job): Shown {
    const { ascii } = this.#state;
    const running = opened.state === 'running';
    const ends = opened.past.lineEnds(lineEnds(opened.logs, running));
    const walk = new Walk(opened.build, [{ job }], { ...this.#walkOptions(opened), live: running }, ends);
    const renderer = new PlainRenderer({
      nameOf: opened.nameOf,
      ascii,
      colour: true,
      escapes: 'colours',
      collapse: true,
      times: false,
    });
    const document = block(walk, renderer, this.#blocks, () => this.#trouble(opened, job));
    return {
      kind: 'block',
      title: this.#title(opened, job, 'block'),
      job,
      document,
      numbers: new LineNumbers(document),
      timeOf: (of, at) => this.#timeOf(opened, of, at),
    };
  }

  #trouble(opened: Opened, job: Job): string | undefined {
    const log = opened.logTrouble(job);
    if (log !== undefined) return log;
    if (opened.trouble?.includes('was removed')) return opened.trouble;
    if (job.size === 0 || opened.isPast(job) || opened.state === 'running') return undefined;
    return fs.existsSync(logFile(opened.folder, job.id))
      ? undefined
      : `${logFile(opened.folder, job.id)}: no such file`;
  }

  #timeOf(opened: Opened, job: Job, at: number): number | undefined {
    return opened.isPast(job) ? undefined : this.#growth?.writtenAt(job.id, at);
  }

  /** Reads on when lines were written. */
  #readTimes(): void {
    if (!this.#opened) return;
    this.#growth ??= new Growth(this.#opened.folder);
    this.#state.log.timing = true;
    this.#work();
  }

  // -- searching ---------------------------------------------------------------------------------------------------------------

  #startSearch(from: number, ahead: boolean): void {
    const { log } = this.#state;
    if (!log.pattern) return;
    const { document } = log.shown;
    this.#search = ahead ? forward(document, from, log.pattern) : backward(document, from, log.pattern);
    log.searching = true;
  }

  #stepSearch(search: Search): void {
    const state = this.#state;
    const { log } = state;
    if (!log.searching) {
      this.#search = undefined;
      return;
    }
    const { done, value } = search.next();
    if (!done) return;
    this.#search = undefined;
    log.searching = false;
    if (value === undefined) state.message = 'no more matches this way';
    else {
      log.follow = false;
      goTo(log.shown.document, log, logWindow(state), value);
    }
    this.#schedule();
  }

  // -- problems ----------------------------------------------------------------------------------------------------------------

  /** Reads the problems of a job's log, and remembers those of the last one. */
  *#problemsOf(opened: Opened, job: Job): Generator<undefined, readonly Problem[], void> {
    if (this.#problems?.job === job && this.#problems.size === job.size) return this.#problems.found;
    const found: Problem[] = [];
    const size = job.size;
    for (const problem of readProblems(opened, job, this.#wiring.extractor(opened, job))) {
      if (problem) found.push(problem);
      else yield;
    }
    this.#problems = { job, size, found };
    return found;
  }

  *#nextProblem(ahead: boolean): Task {
    const state = this.#state;
    const { log } = state;
    const { document, kind } = log.shown;
    const opened = this.#opened;
    if (!opened || !(document instanceof PieceDocument) || kind === 'problems') {
      const line = ahead ? document.at(log.cursor)?.next : document.before(log.cursor);
      if (line !== undefined && document.at(line)) goTo(document, log, logWindow(state), line);
      return;
    }
    const here = document.at(log.cursor)?.origin;
    const job = here?.job ?? log.shown.job;
    if (!job) return;
    state.working = 'looking for problems…';
    const found = yield* this.#problemsOf(opened, job);
    const real = found.filter(({ summary }) => !summary);
    const at = here?.at ?? -1;
    const fresh = log.pendingProblem !== job;
    log.pendingProblem = job;
    const next = ahead
      ? (real.find((problem) => problem.at > at || (fresh && problem.at >= at)) ?? undefined)
      : real.findLast((problem) => problem.at < at);
    if (!next) {
      state.message = real.length === 0 ? 'no problems in this log' : 'no more problems this way';
      return;
    }
    const offset = document.find(job, next.at);
    if (offset === undefined) return;
    goTo(document, log, logWindow(state), document.startOf(offset));
    const index = real.indexOf(next);
    state.message = `problem ${index + 1} of ${real.length}`;
  }

  *#allProblems(opened: Opened): Task {
    const state = this.#state;
    const all = new Problems();
    const { tree } = state.jobs;
    const jobs = new Set<Job>();
    for (let k = 0; k < tree.own.length; k++) {
      const job = tree.job(tree.own.at(k));
      if (job && !opened.isPast(job)) jobs.add(job);
    }
    let done = 0;
    for (const job of jobs) {
      done++;
      if (job.size === 0) continue;
      state.working = `looking for problems… ${done} of ${jobs.size}`;
      for (const problem of readProblems(opened, job, this.#wiring.extractor(opened, job))) {
        if (problem) all.add(job, problem);
        else yield;
      }
      yield;
    }
    const found = all.list();
    const errors = found.filter(({ problem }) => problem.severity === 'error').length;
    const warnings = found.length - errors;
    state.message = `${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
    this.#visitText('problems', 'Problems', problemLines(found, opened.nameOf), undefined);
  }

  *#editHere(): Task {
    const { log } = this.#state;
    const here = log.shown.document.at(log.cursor)?.origin;
    const opened = this.#opened;
    if (!here || !opened) {
      this.#state.message = 'no problem under the cursor';
      return;
    }
    const found = yield* this.#problemsOf(opened, here.job);
    const problem = found.find(({ from, to, file }) => file !== undefined && here.at >= from && here.at < to);
    if (problem?.file === undefined) {
      this.#state.message = 'no problem under the cursor';
      return;
    }
    const { file, line, column } = targetOf(problem, here.job);
    if (file !== undefined) void this.#edit(file, line, column);
  }

  // -- other texts, other builds -----------------------------------------------------------------------------------------------

  #visitText(kind: Shown['kind'], title: string, document: Document, job: Job | undefined): void {
    visit(this.#state);
    this.#setShown({ kind, title, job, document, numbers: undefined });
    this.#state.focus = 'log';
    resized(this.#state);
    this.#schedule();
  }

  #text(kind: 'diff' | 'why' | 'problems'): void {
    const opened = this.#opened;
    const state = this.#state;
    const job = state.log.shown.job ?? selectedJob(state);
    if (!opened || opened.loaded < 1) {
      state.message = 'the build is still being read';
      return;
    }
    if (kind === 'problems') {
      this.#begin(this.#allProblems(opened));
      return;
    }
    if (!job) return;
    const name = opened.nameOf(job);
    if (kind === 'why') {
      this.#visitText('why', `why ${name}`, whyLines(opened, this.#wiring.place, job, state.ascii), job);
      return;
    }
    this.#compare(opened, job);
  }

  #compare(opened: Opened, job: Job): void {
    this.#giveUp();
    const { lines, cancel } = this.#wiring.differences(opened, job);
    this.#cancel = cancel;
    this.#state.working = 'comparing…';
    const settled = (show: () => void): void => {
      if (this.#cancel !== cancel) return;
      this.#giveUp();
      show();
    };
    lines.then(
      (found) => {
        settled(() => {
          const shown = found.length > 0 ? found : ['it said the same when it last ran'];
          this.#visitText('diff', `diff ${opened.nameOf(job)}`, textDocument(shown), job);
        });
      },
      (error: unknown) => {
        settled(() => {
          this.#say(error);
        });
      },
    );
  }

  *#critical(): Task {
    const opened = this.#opened;
    if (!opened || opened.loaded < 1) return;
    this.#state.working = 'looking for the critical path…';
    const { path: way, least } = yield* findCriticalPath(opened.build);
    const { jobs, ascii } = this.#state;
    jobs.critical = new Set(way.map(({ job }) => job));
    this.#state.message = `critical path: ${duration(least)} of ${duration(opened.now)}, marked ${criticalMark(ascii)}`;
  }

  /** The same target in the next build in which it ran, or in the one before. */
  #run(newer: boolean): void {
    const opened = this.#opened;
    const job = selectedJob(this.#state);
    if (!opened || !job) return;
    const history = new History(this.#wiring.place.store);
    const { ids } = this.#list;
    const run = job.parent
      ? newer
        ? [...ids]
            .reverse()
            .filter((id) => id > opened.id)
            .map((id) => history.last(job.name, `${id}~`).find(({ build }) => build === id))
            .find((found) => found !== undefined)
        : history.last(job.name, opened.id)[0]
      : undefined;
    history.close();
    const plain = newer ? ids.findLast((id) => id > opened.id) : ids.find((id) => id < opened.id);
    const id = job.parent ? run?.build : plain;
    if (id === undefined) {
      this.#state.message = `${job.parent ? 'it did not run in' : 'there is'} ${job.parent ? 'any' : 'no'} ${newer ? 'newer' : 'older'} build`;
      return;
    }
    if (job.parent) this.#wanted = { name: job.name };
    this.#open(id);
    this.#state.message = `build ${id}`;
  }

  // -- out of it ---------------------------------------------------------------------------------------------------------------

  /** The text of the log pane, piece by piece. */
  #reader(colour: boolean): () => string | undefined {
    const { document } = this.#state.log.shown;
    let at = 0;
    return () => {
      let text = '';
      for (; text.length < CHUNK;) {
        const line = document.at(at);
        if (!line) break;
        text += `${colour ? line.text : line.text.replaceAll(/\x1b\[[\d;:]*m/g, '')}${colour && line.text.includes('\x1b') ? '\x1b[0m' : ''}\n`;
        at = line.next;
      }
      return text === '' ? undefined : text;
    };
  }

  async #pager(): Promise<void> {
    await this.#lend(() => page(pagerCommand(process.env), this.#reader(this.#wiring.colours !== 0)));
  }

  async #edit(file: string, line: number | undefined, column: number | undefined): Promise<void> {
    const { root } = this.#wiring.place;
    const whole = path.resolve(root, file);
    if (!fs.existsSync(whole)) {
      this.#state.message = `${file}: no such file`;
      this.#schedule();
      return;
    }
    const shown = path.relative(process.cwd(), whole);
    const name = shown.startsWith('..') ? whole : shown;
    await this.#lend(() => edit(editorCommand(process.env, name, line, column)));
  }

  /** Gives the terminal to a program until it ends. */
  async #lend(run: () => Promise<void>): Promise<void> {
    this.#screen.lend();
    // Its Ctrl-C is not ours.
    const ignore = (): void => undefined;
    process.on('SIGINT', ignore);
    await run();
    process.removeListener('SIGINT', ignore);
    if (this.#over) return;
    this.#screen.enter();
    this.#redraw();
  }

  #save(file: string, overwrite: boolean): void {
    const state = this.#state;
    const whole = path.resolve(file);
    try {
      const fd = fs.openSync(whole, overwrite ? 'w' : 'wx');
      const next = this.#reader(false);
      const task = (function* (): Task {
        let bytes = 0;
        try {
          for (let text = next(); text !== undefined; text = next()) {
            bytes += fs.writeSync(fd, text);
            state.working = `${file}: ${bytes} bytes…`;
            yield;
          }
          state.message = `${file}: ${bytes} bytes written`;
        } catch (error) {
          state.message = `${file}: ${reason(error)}`;
        } finally {
          fs.closeSync(fd);
        }
      })();
      this.#begin(task);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST')
        state.question = { kind: 'overwrite', text: `${file} is there: overwrite it? y/n`, file };
      else state.message = `${file}: ${reason(error)}`;
    }
  }
}

function countsOf({ build, state }: Opened): State['jobs']['counts'] {
  let bad = 0;
  let running = 0;
  for (const job of build.jobs) {
    if (!job.parent) continue;
    if (failed(job)) bad++;
    else if (job.ended === undefined && state === 'running') running++;
  }
  return { jobs: Math.max(0, build.jobs.length - 1), failed: bad, running };
}

/** The problems of a log; undefined between pieces. */
function* readProblems(
  opened: Opened,
  job: Job,
  extractor: Extractor,
): Generator<Problem | undefined, void, void> {
  const logs = opened.past.logsOf(opened.logs)(job);
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (let at = 0; at < job.size;) {
    const n = logs.read(job.id, at as ByteOffset, buffer.subarray(0, Math.min(CHUNK, job.size - at)));
    if (n === 0) break;
    yield* extractor.push(buffer.subarray(0, n));
    at += n;
    yield undefined;
  }
  yield* extractor.end();
}
