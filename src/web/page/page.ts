// What the page shows and what can be done with it, without how it looks: cells that components read, and the
// questions to the worker that fill them. Does not know the document (DOM) but for the address.

import type { Engine } from '../engine.ts';
import { EngineError } from '../engine.ts';
import type {
  BuildRow,
  DocumentAsked,
  JobDetails,
  JobNumber,
  Opened,
  Position,
  Summary,
  TreeAsked,
  TreeState,
} from '../protocol.ts';
import { Cell } from './cell.ts';
import type { Action } from './keys.ts';
import {
  type JobView,
  type LineRange,
  type Route,
  fragmentOf,
  isJobRoute,
  routeOf,
  viewText,
} from './router.ts';
import { Themes, remember, remembered } from './theme.ts';

/** What is wrong, in place of all else. */
export interface Fatal {
  readonly message: string;
  /** It is loglin's fault. */
  readonly unexpected: boolean;
}

/** The document that is shown, and where it begins. */
export interface Shown {
  readonly asked: DocumentAsked;
  readonly position?: Position | undefined;
  readonly lines?: LineRange | undefined;
}

export type PaneName = 'builds' | 'jobs' | 'main';

/** @returns whether the action is one of this pane. */
export type Handler = (action: Action) => boolean;

export interface Toast {
  readonly text: string;
  readonly bad?: boolean;
}

/** A switch that the browser remembers. */
class Switch extends Cell<boolean> {
  readonly #key: string;

  constructor(key: string, initial: boolean) {
    const before = remembered(`loglin.${key}`);
    super(before === undefined ? initial : before === 'on');
    this.#key = `loglin.${key}`;
  }

  toggle(): boolean {
    this.value = !this.value;
    remember(this.#key, this.value ? 'on' : 'off');
    return this.value;
  }
}

const NO_ROWS: TreeState = { rows: 0, jobs: 0, revision: 0 };
const TOAST_MS = 4000;
/** Views of which nobody wants to be taken away by another build. */
const READING: ReadonlySet<Route['view']['kind']> = new Set(['build', 'job', 'block', 'why', 'diff', 'find']);

export class Page {
  readonly engine: Engine;
  readonly themes = new Themes();

  readonly route: Cell<Route>;
  readonly opened = new Cell<Opened | undefined>(undefined);
  readonly loaded = new Cell(0);
  readonly fatal = new Cell<Fatal | undefined>(undefined);
  readonly offline = new Cell<string | undefined>(undefined);
  readonly gone = new Cell<string | undefined>(undefined);
  readonly summary = new Cell<Summary | undefined>(undefined);
  /** Grows by 1 when the build has grown. */
  readonly growth = new Cell(0);
  readonly buildsChanged = new Cell(0);

  readonly treeAsked = new Cell<TreeAsked>({});
  readonly tree = new Cell<TreeState>(NO_ROWS);
  /** The row of the tree under the cursor; -1: none. */
  readonly row = new Cell(-1);

  readonly shown = new Cell<Shown | undefined>(undefined);
  /** The job of the route. */
  readonly job = new Cell<JobDetails | undefined>(undefined);
  /** A name in the address that no job has. */
  readonly unknown = new Cell<string | undefined>(undefined);

  readonly wrap = new Switch('wrap', false);
  readonly numbers = new Switch('numbers', true);
  readonly sideShown = new Switch('side', true);
  /** The jobs over the rest, on a narrow screen. */
  readonly drawer: Cell<boolean>;
  readonly help = new Cell(false);
  readonly toast = new Cell<Toast | undefined>(undefined);

  /** How often the reader has gone to another view: what was begun for the one before is out of date. */
  journeys = 0;
  /** How often a job was to be shown: the last one counts. */
  #shownJobs = 0;
  readonly #handlers = new Map<PaneName, Handler>();
  #toastTimer = 0;
  #opening = 0;
  /** The build that was opened last because it was the newest. */
  #followed: string | undefined;
  /** The build of which was said that it is newer. */
  #told: string | undefined;
  /** The fragment that the page has set itself. */
  #fragment = '';

  constructor(engine: Engine) {
    this.engine = engine;
    this.route = new Cell(routeOf(location.hash));
    this.drawer = new Cell(isList(this.route.value));
    this.#fragment = location.hash;
    this.#hear();
  }

  // -- builds ----------------------------------------------------------------------------------------------

  #hear(): void {
    const { engine } = this;
    engine.on('progress', ({ loaded }) => (this.loaded.value = loaded));
    engine.on('summary', (summary) => (this.summary.value = summary));
    engine.on('grown', ({ state, failed }) => {
      const opened = this.opened.value;
      if (opened) {
        const standing = state === 'running' ? 'running' : failed > 0 ? 'failed' : opened.build.standing;
        this.opened.value = { ...opened, state, build: { ...opened.build, standing } };
      }
      this.growth.value++;
      void this.#refresh();
    });
    engine.on('connection', ({ online, message }) => {
      this.offline.value = online ? undefined : (message ?? 'The connection to loglin serve is lost');
    });
    engine.on('builds', () => {
      this.buildsChanged.value++;
      void this.#followNewest();
    });
    engine.on('gone', ({ message }) => (this.gone.value = message));
    addEventListener('hashchange', () => {
      if (location.hash === this.#fragment) return;
      this.#fragment = location.hash;
      this.#follow(routeOf(location.hash));
    });
  }

  /** Opens the build of the address. */
  async start(): Promise<void> {
    await this.#open(this.route.value.build);
    await this.#resolve();
  }

  async #open(build: string | undefined): Promise<void> {
    const opening = ++this.#opening;
    this.opened.value = undefined;
    this.fatal.value = undefined;
    this.gone.value = undefined;
    this.summary.value = undefined;
    this.job.value = undefined;
    this.shown.value = undefined;
    this.tree.value = NO_ROWS;
    this.row.value = -1;
    this.loaded.value = 0;
    try {
      const opened = await this.engine.ask('open', build === undefined ? {} : { build }, 'open');
      if (opening !== this.#opening) return;
      this.opened.value = opened;
      document.title = `${opened.build.command} – loglin`;
      await this.#list();
    } catch (error) {
      if (opening === this.#opening) this.fatal.value = fatalOf(error);
    }
    // Whoever has asked for the list is told when it changes.
    if (opening === this.#opening && build === undefined) void this.#followNewest();
  }

  /** Where the address names no build, opens each that begins, unless somebody reads a log. */
  async #followNewest(): Promise<void> {
    if (!this.#follows()) return;
    let newest: BuildRow | undefined;
    try {
      newest = (await this.engine.ask('builds', { from: 0, count: 1 }, 'newest')).rows[0];
    } catch (error) {
      this.say(messageOf(error), true);
    }
    // A build without a time has not said yet what it is.
    if (!newest || newest.at === 0 || newest.id === this.opened.value?.build.id || !this.#follows()) return;
    const { kind } = this.route.value.view;
    if (!READING.has(kind) || this.fatal.value) {
      // One that cannot be shown is not opened again and again.
      if (newest.id === this.#followed) return;
      this.#followed = newest.id;
      await this.#open(undefined);
      await this.#resolve();
    } else if (newest.id !== this.#told) {
      this.#told = newest.id;
      this.say(`A newer build has begun: ${newest.command}`);
    }
  }

  #follows(): boolean {
    const opened = this.opened.value;
    return this.route.value.build === undefined && (opened ? !opened.alone : this.fatal.value !== undefined);
  }

  /** Asks for jobs and summary of a build that was opened; not in a lane, since others wait for this. */
  async #list(): Promise<void> {
    const { engine } = this;
    const asked = [engine.ask('tree', this.treeAsked.value), engine.ask('summary', {})] as const;
    [this.tree.value, this.summary.value] = await Promise.all(asked);
  }

  /** Asks again for what has changed. Nobody waits for the answer: growth that follows takes its place. */
  async #refresh(): Promise<void> {
    const { engine } = this;
    try {
      const asked = [
        engine.ask('tree', this.treeAsked.value, 'grown tree'),
        engine.ask('summary', {}, 'grown summary'),
      ] as const;
      [this.tree.value, this.summary.value] = await Promise.all(asked);
    } catch (error) {
      this.say(messageOf(error), true);
    }
  }

  showBuild(build: BuildRow): void {
    this.go({ build: build.id, view: { kind: 'summary' } });
  }

  // -- the address -----------------------------------------------------------------------------------------

  /** Shows something. @param replace the browser's way back leads past what is shown now. */
  go(route: Route, replace = false): void {
    this.#setAddress(route, replace);
    this.#follow(route);
  }

  /** A view of the build that is shown. */
  goView(view: Route['view'], replace = false): void {
    this.go({ build: this.route.value.build, view }, replace);
  }

  /** The address of a view of this build. */
  href(view: Route['view']): string {
    return fragmentOf({ build: this.route.value.build, view });
  }

  /** Writes into the address where the reader is, without going anywhere. */
  note(route: Route): void {
    this.#setAddress(route, true);
    this.route.value = route;
  }

  #setAddress(route: Route, replace = false): void {
    const fragment = fragmentOf(route);
    if (fragment === location.hash || (fragment === '#' && location.hash === '')) return;
    this.#fragment = fragment === '#' ? '' : fragment;
    if (replace) location.replace(fragment);
    else location.hash = fragment;
  }

  #follow(route: Route): void {
    this.journeys++;
    const before = this.route.value;
    this.route.value = route;
    this.drawer.value = isList(route);
    if (route.build === before.build && !this.fatal.value) void this.#resolve();
    else void this.#open(route.build).then(() => this.#resolve());
  }

  /** Finds out which document the route stands for. */
  async #resolve(): Promise<void> {
    const { view } = this.route.value;
    this.unknown.value = undefined;
    if (!isJobRoute(view) && view.kind !== 'build') {
      this.shown.value = undefined;
      this.job.value = undefined;
      return;
    }
    if (!this.opened.value) return;
    try {
      const target = await this.engine.ask('resolve', { link: viewText(view) }, 'resolve');
      if (this.route.value.view !== view) return;
      if (target.view === 'unknown') {
        this.job.value = undefined;
        this.shown.value = undefined;
        this.unknown.value = target.name;
      } else if ('document' in target) {
        const asked = target.document;
        this.#show({ asked, lines: view.lines, ...(view.lines && { position: { line: view.lines.from } }) });
        if ('job' in asked) await this.#describe(asked.job, true);
      }
    } catch (error) {
      this.say(messageOf(error), true);
    }
  }

  /** Shows a document unless it is shown already at this place. */
  #show(shown: Shown): void {
    const before = this.shown.value;
    if (before && sameDocument(before.asked, shown.asked) && !shown.position) return;
    this.shown.value = shown;
  }

  async #describe(job: JobNumber, reveal: boolean): Promise<JobDetails> {
    const details = await this.engine.ask('job', { job }, 'job');
    this.job.value = details;
    if (reveal) await this.reveal(job);
    return details;
  }

  /** Puts the cursor of the tree on a job. */
  async reveal(job: JobNumber): Promise<void> {
    const { row, ...tree } = await this.engine.ask('rowOf', { job }, 'rowOf');
    this.tree.value = tree;
    this.row.value = row ?? -1;
  }

  // -- jobs ------------------------------------------------------------------------------------------------

  /** Shows one of a job's views, at a place. */
  async showJob(
    job: JobNumber,
    { kind = 'job', position, replace = false, reveal = true }: ShowJob = {},
  ): Promise<void> {
    this.drawer.value = false;
    const { journeys } = this;
    const shown = ++this.#shownJobs;
    try {
      const asked: DocumentAsked = { kind: kind === 'job' ? 'log' : kind, job };
      const details = await this.#describe(job, reveal);
      if (this.journeys !== journeys || this.#shownJobs !== shown) return;
      const route: Route = { build: this.route.value.build, view: { kind, name: details.link } };
      this.#setAddress(route, replace);
      this.unknown.value = undefined;
      this.route.value = route;
      this.#show({ asked, position });
    } catch (error) {
      this.say(messageOf(error), true);
    }
  }

  /** The current job's other views. */
  showView(kind: JobView): void {
    const job = this.job.value;
    if (job) void this.showJob(job.job, { kind, reveal: false });
    else this.say('No job is chosen');
  }

  /** Compares the current job with its run in another build; undefined: with its last run. */
  compareWith(build: string | undefined): void {
    const { view } = this.route.value;
    if (view.kind !== 'diff') return;
    const { name } = view;
    this.goView({ kind: 'diff', name, ...(build === undefined ? {} : { with: build }) }, true);
  }

  async listJobs(asked: TreeAsked): Promise<void> {
    this.treeAsked.value = asked;
    try {
      this.tree.value = await this.engine.ask('tree', asked, 'tree');
      const job = this.job.value;
      if (job) await this.reveal(job.job);
      else this.row.value = -1;
    } catch (error) {
      this.say(messageOf(error), true);
    }
  }

  async fold(job: JobNumber | undefined, folded: boolean): Promise<void> {
    this.tree.value = await this.engine.ask('fold', job === undefined ? { folded } : { job, folded });
    if (job === undefined && this.job.value) await this.reveal(this.job.value.job);
  }

  /** The same target in the build before, or after. */
  async otherBuild(step: 1 | -1): Promise<void> {
    const opened = this.opened.value;
    if (!opened || opened.alone) {
      this.say('Only this build is here');
      return;
    }
    const { rows } = await this.engine.ask('builds', { from: 0, count: 500 }, 'otherBuild');
    const at = rows.findIndex(({ id }) => id === opened.build.id);
    const other = at === -1 ? undefined : rows[at - step];
    if (other) this.go({ build: other.id, view: this.route.value.view });
    else this.say(step === 1 ? 'There is no later build' : 'There is no earlier build');
  }

  // -- keys and words --------------------------------------------------------------------------------------

  /** A pane says what it does with keys. @returns a function that ends this. */
  handle(pane: PaneName, handler: Handler): () => void {
    this.#handlers.set(pane, handler);
    return () => {
      if (this.#handlers.get(pane) === handler) this.#handlers.delete(pane);
    };
  }

  /** Lets a pane do something. */
  act(pane: PaneName, action: Action): boolean {
    return this.#handlers.get(pane)?.(action) ?? false;
  }

  /** Says something for a while. */
  say(text: string, bad = false): void {
    clearTimeout(this.#toastTimer);
    this.toast.value = { text, bad };
    this.#toastTimer = window.setTimeout(() => (this.toast.value = undefined), TOAST_MS);
  }
}

interface ShowJob {
  readonly kind?: JobView;
  readonly position?: Position | undefined;
  readonly replace?: boolean;
  /** The cursor of the tree goes there. */
  readonly reveal?: boolean;
}

/** On a narrow screen, the list of builds is over the rest. */
const isList = ({ view }: Route): boolean => view.kind === 'builds';

export function sameDocument(one: DocumentAsked, other: DocumentAsked): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function fatalOf(error: unknown): Fatal {
  return { message: messageOf(error), unexpected: !(error instanceof EngineError && error.expected) };
}
