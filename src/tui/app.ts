// The browser at work: keys and events go into the state, what the state wants done is done, and the screen is drawn when something has changed.
// Knows who does what; how is theirs to know.

import type { Job } from '../model/build.ts';
import { isFailure, reason } from '../model/failure.ts';
import type { Pieces } from '../model/pieces.ts';
import { unreachable } from '../model/unreachable.ts';
import { duration } from '../render/renderer.ts';
import { History } from '../store/history.ts';
import { findCriticalPath } from '../timing/critical.ts';
import { differences } from '../view/differences.ts';
import { BuildList } from './buildlist.ts';
import type { Desk, Wiring } from './desk.ts';
import type { Target } from './doc/lines.ts';
import { Handover } from './handover.ts';
import { JobTree } from './jobtree.ts';
import type { Mouse } from './keys.ts';
import { type LiveBuild, GrowingBuild } from '../view/growingbuild.ts';
import { clipboard } from './outside.ts';
import { ProblemFinder } from './problems.ts';
import { type Output, Screen, reduce } from './screen.ts';
import { Showing } from './showing.ts';
import { type Effect, buildsShown, initialState, selectedJob } from './state.ts';
import { Painter } from './text/paint.ts';
import { textDocument, whyLines } from './texts.ts';
import { point, press, resized } from './update.ts';
import { frame } from './views/frame.ts';
import { criticalMark } from './views/marks.ts';
import { Errand, Slices } from './work.ts';

/** How the browser was left. */
export type Left = 'leave' | 'detach' | 'stop' | 'gone';

const TICK_MS = 100;
const IDLE_TICK_MS = 1000;
const MINUTE_MS = 60_000;
/** Builds that are read in a step. */
const BUILDS = 20;

export class App {
  readonly #desk: Desk;
  readonly #screen: Screen;
  readonly #painter: Painter;
  readonly #list: BuildList;
  readonly #tree: JobTree;
  readonly #showing: Showing;
  readonly #errand: Errand;
  readonly #problems: ProblemFinder;
  readonly #handover: Handover;
  readonly #slices: Slices;
  readonly #resolve: (left: Left) => void;
  readonly #reject: (error: unknown) => void;
  /** Rejected where the browser has failed. */
  readonly left: Promise<Left>;
  #scheduled = false;
  #timer: NodeJS.Timeout | undefined;
  #lastTick = 0;
  #lastClock = '';
  #over = false;

  constructor(wiring: Wiring, input: NodeJS.ReadStream, output: Output) {
    let settle: (left: Left) => void = () => undefined;
    let fail: (error: unknown) => void = () => undefined;
    this.left = new Promise((resolve, reject) => {
      settle = resolve;
      fail = reject;
    });
    this.#resolve = settle;
    this.#reject = fail;
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
    const state = initialState(width, height, wiring.ascii);
    state.now = Date.now();
    state.wrapping = typeof wiring.build === 'object';
    const desk: Desk = {
      wiring,
      state,
      opened: undefined,
      changed: () => {
        this.#schedule();
      },
      reshow: () => {
        this.#showing.stale();
      },
      work: () => {
        this.#slices.start();
      },
      complain: (error) => {
        this.#complain(error);
      },
    };
    this.#desk = desk;
    this.#painter = new Painter(wiring.colours, reduce);
    this.#list = new BuildList(wiring.place.store);
    this.#tree = new JobTree(desk);
    this.#showing = new Showing(desk);
    this.#errand = new Errand(desk);
    this.#problems = new ProblemFinder(desk, this.#showing);
    this.#handover = new Handover(desk, this.#errand, (run) => this.#lend(run));
    const { step } = this.#tree;
    const { stepSearch, stepTimes, stepNumbers } = this.#showing;
    this.#slices = new Slices(
      [step, stepSearch, this.#errand.step, stepTimes, () => this.#stepBuilds(), stepNumbers],
      (error) => {
        this.#errand.giveUp();
        this.#showing.endSearch();
        this.#complain(error);
      },
    );
  }

  /** Takes the terminal and shows what there is. */
  start(): void {
    const { state, wiring } = this.#desk;
    this.#screen.enter();
    this.#guard(() => {
      this.#list.look();
    });
    this.#list.step(state.height);
    state.builds = this.#list.rows();
    this.#draw();
    const first = wiring.build ?? state.builds.find((build) => build.state !== 'damaged')?.id;
    if (first !== undefined) this.#open(first);
    this.#slices.start();
    this.#tick();
  }

  /** The build that runs in this process has changed. */
  changed(): void {
    this.#desk.opened?.changed();
  }

  /** It has ended: leaving is no question any more. */
  ended(): void {
    const { state, opened } = this.#desk;
    state.wrapping = false;
    if (state.question?.kind === 'leave') state.question = undefined;
    if (opened?.refresh()) this.#showing.grown();
    this.#tree.refresh(true);
    this.#tick();
  }

  say(text: string): void {
    this.#desk.state.message = text;
    this.#schedule();
  }

  /** Gives the terminal back. */
  leave(how: Left): void {
    this.#close();
    this.#resolve(how);
  }

  /** Gives the terminal back because of what nobody has foreseen. */
  fail(error: unknown): void {
    this.#close();
    this.#reject(error);
  }

  /** Another program has the terminal. */
  get lent(): boolean {
    return this.#screen.lent;
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#slices.stop();
    this.#errand.giveUp();
    this.#showing.close();
    this.#screen.close();
    this.#desk.opened?.close();
  }

  // -- what happens ------------------------------------------------------------------------------------------------------------

  #key(name: string, typed: string): void {
    if (this.#over) return;
    // Keys may come faster than they are drawn: the one before may have led to another job.
    this.#showSelected();
    this.#guard(() => {
      this.#do(press(this.#desk.state, name, typed));
    });
    this.#schedule();
    this.#slices.start();
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    if (!isFailure(error) && code === undefined) throw error;
    this.say(isFailure(error) ? error.message : reason(error));
  }

  #do(effects: readonly Effect[]): void {
    for (const effect of effects) this.#effect(effect);
  }

  #effect(effect: Effect): void {
    const { state } = this.#desk;
    switch (effect.do) {
      case 'open':
        this.#open(effect.id);
        return;
      case 'show':
        this.#showing.stale();
        return;
      case 'tree':
        this.#tree.start();
        return;
      case 'search':
        this.#showing.search(effect.from, effect.forward);
        return;
      case 'problem':
        this.#errand.begin(this.#problems.next(effect.forward));
        return;
      case 'times':
        this.#showing.readTimes();
        return;
      case 'giveUp':
        this.#errand.giveUp();
        return;
      case 'critical':
        this.#errand.begin(this.#critical());
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
        void this.#handover.pager();
        return;
      case 'edit':
        this.#errand.begin(this.#edit(effect.target));
        return;
      case 'save':
        this.#handover.save(effect.file, effect.overwrite);
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

  #mouse(mouse: Mouse): void {
    if (this.#over) return;
    this.#showSelected();
    this.#guard(() => {
      this.#do(point(this.#desk.state, mouse));
    });
    this.#schedule();
    this.#slices.start();
  }

  // -- the screen --------------------------------------------------------------------------------------------------------------

  #schedule(): void {
    if (this.#scheduled || this.#over) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#over) this.#draw();
    });
  }

  #showSelected(): void {
    this.#guard(() => {
      this.#showing.update();
    });
  }

  #draw(): void {
    this.#showSelected();
    const shown = frame(this.#desk.state, this.#desk.wiring.colours !== 0);
    const bytes = this.#painter.paint(shown);
    if (bytes !== '') this.#screen.write(bytes);
  }

  #redraw(): void {
    const { width, height } = this.#screen.size;
    const { state } = this.#desk;
    this.#painter.forget();
    this.#screen.write('\x1b[2J');
    Object.assign(state, { width, height });
    resized(state);
    this.#draw();
  }

  /** Gives the terminal to a program until it ends. */
  async #lend(run: () => Promise<string | undefined>): Promise<void> {
    this.#screen.lend();
    const failure = await run();
    if (this.#over) return;
    this.#screen.enter();
    if (failure !== undefined) this.#desk.state.message = failure;
    this.#redraw();
  }

  // -- as time goes by ---------------------------------------------------------------------------------------------------------

  #tick(): void {
    clearTimeout(this.#timer);
    if (this.#over) return;
    const started = Date.now();
    this.#guard(() => {
      if (started - this.#lastTick >= IDLE_TICK_MS - TICK_MS / 2) {
        this.#lastTick = started;
        this.#desk.state.now = started;
        const others = this.#list.look();
        if (others) this.#slices.start();
        if (this.#list.refresh() || others) {
          this.#desk.state.builds = this.#list.rows();
          this.#schedule();
        }
        const clock = this.#clock();
        if (clock !== this.#lastClock) this.#schedule();
        this.#lastClock = clock;
      }
      if (this.#desk.opened?.refresh()) {
        this.#showing.grown();
        this.#schedule();
      }
      this.#tree.refresh();
    });
    const { opened } = this.#desk;
    const live = opened?.state === 'running' && opened.loaded === 1;
    this.#timer = setTimeout(
      () => {
        this.#tick();
      },
      live ? TICK_MS : IDLE_TICK_MS,
    );
  }

  /** What time alone changes on the screen: ages and durations; whether what is shown can still be read. */
  #clock(): string {
    const { opened, state } = this.#desk;
    const ticking = opened?.state === 'running' || this.#list.running();
    const young = state.now - (state.builds[0]?.at ?? 0) < MINUTE_MS;
    const time = Math.floor(state.now / (ticking || young ? IDLE_TICK_MS : MINUTE_MS));
    return [time, opened?.trouble, state.log.shown.document.trouble].join(' ');
  }

  #stepBuilds(): boolean {
    if (!this.#list.step(BUILDS)) return false;
    this.#desk.state.builds = this.#list.rows();
    this.#schedule();
    return true;
  }

  // -- builds ------------------------------------------------------------------------------------------------------------------

  /** @param wanted the job to go to. */
  #open(which: string | LiveBuild, wanted?: string): void {
    const desk = this.#desk;
    const { state } = desk;
    let opened: GrowingBuild;
    try {
      opened = new GrowingBuild(desk.wiring.place, which);
    } catch (error) {
      this.#complain(error);
      return;
    }
    desk.opened?.close();
    desk.opened = opened;
    state.open = opened;
    const at = buildsShown(state).findIndex(({ id }) => id === opened.id);
    if (at >= 0) state.buildList.cursor = at;
    state.back = [];
    this.#errand.giveUp();
    this.#problems.reset();
    this.#showing.reset(opened);
    this.#tree.reset(opened, wanted);
    if (state.focus === 'builds') state.focus = 'jobs';
    resized(state);
    this.#schedule();
    this.#slices.start();
    this.#tick();
  }

  /** The same target in the next build in which it ran, or in the one before. */
  #run(newer: boolean): void {
    const opened = this.#desk.opened;
    const job = selectedJob(this.#desk.state);
    if (!opened || !job) return;
    const history = new History(this.#desk.wiring.place.store);
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
      this.#desk.state.message = `${job.parent ? 'it did not run in' : 'there is'} ${job.parent ? 'any' : 'no'} ${newer ? 'newer' : 'older'} build`;
      return;
    }
    this.#open(id, job.parent && job.name);
    this.#desk.state.message = `build ${id}`;
  }

  // -- what is asked of a job, or of the build -----------------------------------------------------------------------------------

  #text(kind: 'diff' | 'why' | 'problems'): void {
    const { opened, state, wiring } = this.#desk;
    const job = state.log.shown.job ?? selectedJob(state);
    if (!opened || opened.loaded < 1) {
      state.message = 'the build is still being read';
      return;
    }
    if (kind === 'problems') {
      this.#errand.begin(this.#problems.all(opened));
      return;
    }
    if (!job) return;
    if (kind === 'why') {
      this.#errand.begin(this.#why(opened, job));
      return;
    }
    const { lines, cancel } = differences(wiring.place, opened, job, wiring.ascii);
    this.#errand.await('comparing...', lines, cancel, (found) => {
      const shown = found.length > 0 ? found : ['it said the same when it last ran'];
      this.#showing.visit('diff', `diff ${opened.nameOf(job)}`, textDocument(shown), job);
    });
  }

  *#why(opened: GrowingBuild, job: Job): Pieces<void> {
    const { state, wiring } = this.#desk;
    state.working = 'looking why it ran...';
    const document = yield* whyLines(opened, wiring.place, job, state.ascii);
    this.#showing.visit('why', `why ${opened.nameOf(job)}`, document, job);
  }

  *#critical(): Pieces<void> {
    const { opened, state } = this.#desk;
    if (!opened || opened.loaded < 1) return;
    state.working = 'looking for the critical path...';
    const { path: way, least } = yield* findCriticalPath(opened.build);
    state.jobs.critical = new Set(way.map(({ job }) => job));
    state.message = `critical path: ${duration(least)} of ${duration(opened.now)}, marked ${criticalMark(state.ascii)}`;
  }

  /** @param target what the line under the cursor leads to. */
  *#edit(target: Target | undefined): Pieces<void> {
    const found = target?.file === undefined ? yield* this.#problems.here() : target;
    if (found) void this.#handover.edit(found);
  }
}
