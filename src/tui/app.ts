// The browser. It feeds keys and events to the state, performs the effects that come back, and has the screen
// drawn when something has changed. It only connects the parts.

import { isFailure, reason } from '../model/failure.ts';
import { unreachable } from '../model/unreachable.ts';
import { BuildList } from './buildlist.ts';
import { selectBuild, selectedBuild, setBuilds } from './buildrows.ts';
import type { Context, Wiring } from './context.ts';
import { searchEverywhere } from './everywhere.ts';
import { CriticalMarks } from './criticalmarks.ts';
import { Display } from './display.ts';
import { BuildFacts } from './facts.ts';
import { Handover } from './handover.ts';
import { JobTasks } from './jobtasks.ts';
import { JobTree } from './jobtree.ts';
import { LiveJobs } from './livejobs.ts';
import { LogPane } from './logpane.ts';
import { ProblemLogs } from './logproblems.ts';
import { type LiveBuild, GrowingBuild } from '../view/growingbuild.ts';
import { otherRun } from './otherrun.ts';
import { point } from './mouse.ts';
import { listHeight, resized } from './panesize.ts';
import { Preview } from './preview.ts';
import { ProblemFinder } from './problemfinder.ts';
import type { Output } from './screen.ts';
import { Slices } from './slices.ts';
import { type Effect, initialState, selectedJob } from './state.ts';
import { Task } from './task.ts';
import { clipboard } from './terminal.ts';
import { Ticker } from './ticker.ts';
import { TypeAhead } from './typeahead.ts';
import { press } from './update.ts';

/** Why the browser ended. */
export type ExitReason = 'leave' | 'detach' | 'stop' | 'gone';

/** The effects that look for something in logs. */
type FindEffect = Extract<Effect, { readonly do: 'search' | 'everywhere' | 'times' | 'problem' }>;

/** How many builds are read in one step. */
const BUILDS = 20;

export class App {
  readonly #context: Context;
  readonly #display: Display;
  readonly #list: BuildList;
  readonly #live: LiveJobs;
  readonly #tree: JobTree;
  readonly #logPane: LogPane;
  readonly #task: Task;
  readonly #jobTasks: JobTasks;
  readonly #problems: ProblemFinder;
  readonly #handover: Handover;
  readonly #facts: BuildFacts;
  readonly #slices: Slices;
  readonly #ticker: Ticker;
  readonly #critical: CriticalMarks;
  readonly #typeAhead: TypeAhead;
  readonly #preview = new Preview(() => {
    this.#guard(() => {
      this.#showPreview();
    });
  });
  #resolve: (reason: ExitReason) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  /** Settles when the browser ends; rejected if it fails. */
  readonly exited = new Promise<ExitReason>((resolve, reject) => {
    this.#resolve = resolve;
    this.#reject = reject;
  });
  #closed = false;

  constructor(wiring: Wiring, input: NodeJS.ReadStream, output: Output) {
    const context = this.#newContext(wiring);
    this.#context = context;
    this.#display = new Display(
      context,
      input,
      output,
      {
        key: (name, typed) => {
          this.#typeAhead.press(name, typed);
        },
        mouse: (mouse) => {
          this.#handle(() => point(context.state, mouse));
        },
        gone: () => {
          this.leave('gone');
        },
      },
      () => {
        this.#showSelected();
      },
    );
    Object.assign(context.state, this.#display.screen.size);
    this.#list = new BuildList(wiring.place.store);
    const logs = new ProblemLogs(context);
    this.#live = new LiveJobs(context);
    this.#tree = new JobTree(context, this.#live);
    this.#logPane = new LogPane(context, logs);
    this.#task = new Task(context);
    this.#problems = new ProblemFinder(context, this.#logPane, logs);
    this.#handover = new Handover(context, this.#task, (run) => this.#display.lend(run));
    this.#jobTasks = new JobTasks(context, this.#task, this.#logPane, this.#problems, this.#handover);
    this.#facts = new BuildFacts(context, this.#list);
    this.#ticker = new Ticker(context, this.#list, this.#tree, this.#logPane, this.#facts);
    this.#critical = new CriticalMarks(context);
    this.#typeAhead = new TypeAhead(
      context,
      () => context.opened === undefined || this.#tree.made,
      (name, typed) => {
        this.#handle(() => press(context.state, name, typed));
      },
    );
    const { stepSearch, stepTimes, readings } = this.#logPane;
    this.#slices = new Slices(
      [
        this.#tree.step,
        this.#typeAhead.step,
        stepSearch,
        this.#task.step,
        stepTimes,
        () => this.#stepBuilds(),
        readings.step,
        this.#logPane.summary.step,
        this.#critical.step,
        this.#facts.step,
      ],
      (error) => {
        this.#task.cancel();
        this.#logPane.endSearch();
        this.#showError(error);
      },
    );
  }

  #newContext(wiring: Wiring): Context {
    const state = initialState(0, 0, wiring.ascii);
    state.now = Date.now();
    state.wrapping = typeof wiring.build === 'object';
    return {
      wiring,
      state,
      opened: undefined,
      changed: () => {
        this.#display.schedule();
      },
      selectionChanged: () => {
        this.#logPane.stale();
      },
      resumeWork: () => {
        this.#slices.start();
      },
      showError: (error) => {
        this.#showError(error);
      },
    };
  }

  /** Takes the terminal and shows the first screen. */
  start(): void {
    const { state, wiring } = this.#context;
    this.#display.screen.enter();
    this.#guard(() => {
      this.#list.checkStore();
    });
    this.#list.step(state.height);
    this.#setBuilds();
    this.#display.draw();
    const first = wiring.build ?? state.builds.find((build) => build.state !== 'damaged')?.id;
    if (first !== undefined) this.#open(first);
    this.#slices.start();
    this.#ticker.tick();
  }

  /** The build that runs in this process has changed. */
  changed(): void {
    this.#context.opened?.changed();
  }

  /** The build has ended, so leaving needs no question any more. */
  ended(): void {
    const { state, opened } = this.#context;
    state.wrapping = false;
    if (state.question?.kind === 'leave') state.question = undefined;
    if (opened?.refresh()) this.#logPane.grown();
    this.#tree.refresh(true);
    this.#ticker.tick();
  }

  notify(text: string): void {
    this.#context.state.message = text;
    this.#display.schedule();
  }

  /** Gives the terminal back. */
  leave(how: ExitReason): void {
    this.#close();
    this.#resolve(how);
  }

  /** Gives the terminal back after an unexpected error. */
  fail(error: unknown): void {
    this.#close();
    this.#reject(error);
  }

  /** The id of the open build if it has ended while it was looked at. */
  get watched(): string | undefined {
    return this.#live.ended;
  }

  /** Whether another program has the terminal. */
  get lent(): boolean {
    return this.#display.screen.lent;
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#preview.cancel();
    this.#ticker.stop();
    this.#slices.stop();
    this.#task.cancel();
    this.#logPane.close();
    this.#facts.close();
    this.#live.close();
    this.#display.close();
    this.#context.opened?.close();
  }

  /** Handles a key or a mouse event. */
  #handle(update: () => readonly Effect[]): void {
    if (this.#closed) return;
    // Keys may come faster than they are drawn: the previous one may have selected another job.
    this.#showSelected();
    this.#guard(() => {
      for (const effect of update()) this.#perform(effect);
      // Whoever goes to the jobs of a build wants them at once.
      if (this.#context.state.focus !== 'builds') this.#preview.now();
    });
    this.#display.schedule();
    this.#slices.start();
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#showError(error);
    }
  }

  #showError(error: unknown): void {
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    if (!isFailure(error) && code === undefined) throw error;
    this.notify(isFailure(error) ? error.message : reason(error));
  }

  #perform(effect: Effect): void {
    const { state } = this.#context;
    switch (effect.do) {
      case 'open':
        this.#open(effect.id);
        return;
      case 'preview':
        this.#preview.soon();
        return;
      case 'run':
        this.#openOtherRun(effect.newer);
        return;
      case 'show':
        this.#logPane.stale();
        return;
      case 'tree':
        this.#tree.start();
        return;
      case 'search':
      case 'everywhere':
      case 'times':
      case 'problem':
        this.#find(effect);
        return;
      case 'text':
        this.#jobTasks.text(effect.kind);
        return;
      case 'critical':
        this.#task.begin(this.#critical.mark());
        return;
      case 'edit':
        this.#task.begin(this.#jobTasks.edit(effect.target));
        return;
      case 'cancel':
        this.#task.cancel();
        return;
      case 'pager':
        void this.#handover.pager();
        return;
      case 'page':
        this.#handover.page();
        return;
      case 'save':
        this.#handover.save(effect.file, effect.overwrite);
        return;
      case 'copy':
        this.#display.screen.write(clipboard(effect.text));
        state.message = `copied: ${effect.text}`;
        return;
      case 'mouse':
        this.#display.screen.mouse(state.mouse);
        return;
      case 'redraw':
        this.#display.redraw();
        return;
      case 'suspend':
        this.#display.screen.suspend();
        return;
      case 'quit':
        this.leave(effect.how);
        return;
      default:
        unreachable(effect);
    }
  }

  #find(effect: FindEffect): void {
    switch (effect.do) {
      case 'search':
        this.#logPane.search(effect.from, effect.forward, effect.typing);
        return;
      case 'everywhere':
        this.#task.begin(searchEverywhere(this.#context, this.#logPane, effect.pattern));
        return;
      case 'times':
        this.#logPane.readTimes();
        return;
      case 'problem':
        this.#task.begin(this.#problems.next(effect.forward));
        return;
      default:
        unreachable(effect);
    }
  }

  #showSelected(): void {
    this.#guard(() => {
      this.#logPane.update();
    });
  }

  #stepBuilds(): boolean {
    if (!this.#list.step(BUILDS)) return false;
    this.#setBuilds();
    this.#display.schedule();
    return true;
  }

  #setBuilds(): void {
    const { state } = this.#context;
    setBuilds(state, this.#list.rows(), listHeight(state, 'builds'));
  }

  /**
   * @param which the build, or its id. @param wanted the job to select.
   * @param preview the focus stays in the list of builds.
   */
  #open(which: string | LiveBuild, wanted?: string, preview = false): void {
    const context = this.#context;
    const { state } = context;
    this.#preview.cancel();
    let opened: GrowingBuild;
    try {
      opened = new GrowingBuild(context.wiring.place, which);
    } catch (error) {
      this.#showError(error);
      return;
    }
    context.opened?.close();
    context.opened = opened;
    state.open = opened;
    selectBuild(state, opened.id, listHeight(state, 'builds'));
    state.back = [];
    this.#task.cancel();
    this.#typeAhead.reset();
    this.#problems.reset();
    this.#logPane.reset(opened);
    this.#tree.reset(opened, wanted);
    this.#facts.reset();
    if (state.focus === 'builds' && !preview) state.focus = 'jobs';
    resized(state);
    this.#display.schedule();
    this.#slices.start();
    this.#ticker.tick();
  }

  /** Shows the build under the cursor of the list. */
  #showPreview(): void {
    const { state, opened } = this.#context;
    const build = selectedBuild(state);
    if (build && build.id !== opened?.id && build.state !== 'damaged') this.#open(build.id, undefined, true);
  }

  /** Opens the next build in which the target ran, or the previous one. */
  #openOtherRun(newer: boolean): void {
    const { opened, state, wiring } = this.#context;
    const job = selectedJob(state);
    if (!opened || !job) return;
    const id = otherRun(wiring.place.store, this.#list.ids, opened.id, job, newer);
    if (id === undefined) {
      const which = newer ? 'newer' : 'older';
      state.message = job.parent ? `it did not run in any ${which} build` : `there is no ${which} build`;
      return;
    }
    this.#open(id, job.parent && job.name);
    state.message = `build ${id}`;
  }
}
