// The jobs of a build that is being recorded: their starts, steps, bytes and ends, as events. Hooks ask for
// changes; only this module changes a job's state. Knows no stream and no tool.

import type { Lineage } from '../model/lineage.ts';
import type { BuildEvent, Status } from '../model/events.ts';
import type { GraphNode } from '../model/graph.ts';
import { type ByteOffset, type InstanceId, type JobId, ROOT } from '../model/ids.ts';
import { fromRoot, shownName } from '../model/shownname.ts';
import { EscapeStripper } from './escapes.ts';
import { PipeReaders, type PipeStart } from './pipereaders.ts';

/** Receives everything that is recorded. */
export interface RecorderSink {
  event(event: BuildEvent): void;
  /** Bytes for a job's log. They are only valid during the call. */
  append(job: JobId, bytes: Buffer): void;
  create(job: JobId): void;
  graph(instance: InstanceId, nodes: GraphNode[], goals: readonly string[]): void;
}

/** The text that a tool prints before and after a piece of a job's output, unless the piece is empty. */
export interface Frame {
  readonly before: Buffer;
  readonly after: Buffer;
}

/** A step of a job. */
export interface Step {
  /** When it was launched, in milliseconds since the build's start. */
  readonly t: number;
  readonly argv: readonly string[];
  /** The tool's messages about the step before: that it failed, and that this is ignored. */
  readonly messages?: Buffer | undefined;
  /** The tool's own line that shows the command. */
  readonly echo?: Buffer | undefined;
  /** The frame of its text; the same as the previous step's if the piece goes on. */
  readonly frame?: Frame | undefined;
}

/** A job as hooks see it. */
export interface Job {
  readonly id: JobId;
  /** The shown name. */
  readonly name: string;
  /** The tool's name of it. */
  readonly target: string;
  readonly parent: Job | undefined;
  /** The tool instance that launched it. */
  readonly instance: InstanceId | undefined;
  /** The bytes of its log. */
  readonly size: number;
  readonly atLineStart: boolean;
  /** The number of steps that have begun. */
  readonly steps: number;
  /** The frame of the text that is being appended. */
  readonly frame: Frame | undefined;
  /** The status of its last command. */
  readonly status: Status | undefined;
  /**
   * The time of that end, in milliseconds since the build's start. It is never before the start of the last
   * step, which has no end if its program could not be started.
   */
  readonly statusTime: number;
  /** The job, itself or one above it, whose output goes to a pipe of the build itself: the nearest one. */
  readonly pipe: Job | undefined;
  /** The process that started it will report its end, maybe after the end of its output. */
  readonly reported: boolean;
  readonly ended: boolean;
}

/** A job with what only this file may change. */
interface JobState extends Job {
  pipe: Job | undefined;
  size: number;
  atLineStart: boolean;
  steps: number;
  frame: Frame | undefined;
  status: Status | undefined;
  statusTime: number;
  reported: boolean;
  ended: boolean;
  /** Steps whose record has come, but not their mark in the slot. */
  readonly announced: Map<number, Step>;
  /** Strips escape sequences from its output, as the tool around it does. */
  stripper: EscapeStripper | undefined;
}

/** How a command has ended. */
export interface Exit {
  readonly status: Status;
  /** Milliseconds since the build's start. */
  readonly t: number;
  /** The step's number; by default, the last one. */
  readonly step?: number;
  /** Its resources in the wire's format: µs of user and of system time, KiB of peak memory. */
  readonly used?: { readonly user: string; readonly sys: string; readonly peak: string };
}

/** The most steps of a job whose records may be lost. */
const MOST_LOST_STEPS = 100;

/** A writer of a job's log: a tool instance, or a nested job that stands beside one. */
export interface Writer {
  readonly job: Job;
  /** Undefined until an event has announced it. */
  readonly id: InstanceId | undefined;
  /** Emits the events of its start, and of its end if it has ended. */
  readonly introduce: () => InstanceId;
  /** Its process. */
  readonly lineage: Lineage | undefined;
  /** Its own text in that log: `[from, to]` for each piece, in order. */
  readonly ranges: [number, number][];
  /** Another one wrote there at the same time, or started earlier although its record came later. */
  concurrent: boolean;
  readonly ended: boolean;
}

/** The options of a job's start. */
export interface JobStart {
  readonly name: string;
  readonly target: string;
  readonly parent: Job;
  readonly instance?: InstanceId | undefined;
  /** Milliseconds since the build's start. */
  readonly t: number;
  readonly needs?: string;
  readonly newer?: string;
  /** Its target did not exist. */
  readonly missing?: boolean;
  /** Its stdout does not go to the log. */
  readonly redirected: boolean;
  /** Its output may come in its parent's log. */
  readonly piped?: boolean;
  /** What is passed on to pipes that the build itself reads. */
  readonly toPipe?: PipeStart | undefined;
  /** The process of a nested loglin, in the journal's format. */
  readonly born?: string;
  /** What file names in its output are relative to, if no instance determines it. */
  readonly folder?: string | undefined;
}

export class Jobs {
  readonly root: Job;
  /** Called when a step of a job has begun. */
  onStep: (job: Job, step: Step) => void = () => undefined;
  /** Called before a job's end is emitted. */
  onEnd: (job: Job) => void = () => undefined;
  /** Called to have text that is held back go to the logs of the jobs behind a job's pipes. */
  flushBehind: (reader: Job) => void = () => undefined;
  /** Is text of the jobs behind a job's pipes held back? */
  isHeldBehind: (reader: Job) => boolean = () => false;
  readonly pipes = new PipeReaders<Job, Writer>({
    write: (reader, text, by) => {
      this.#write(reader, text, by);
    },
    flushBehind: (reader) => {
      this.flushBehind(reader);
    },
    isHeldBehind: (reader) => this.isHeldBehind(reader),
  });
  readonly #sink: RecorderSink;
  readonly #folder: string;
  readonly #start: number;
  readonly #byWireId = new Map<string, Job>();
  readonly #byName = new Map<string, Job>();
  readonly #grown = new Set<Job>();
  /** The frames in which text has come. */
  readonly #begunFrames = new WeakSet<Frame>();
  #count = 0;
  #instances = 0;
  #failures = 0;

  /**
   * @param folder the project root, resolved; names are relative to it.
   * @param start the build's start in milliseconds since the epoch.
   */
  constructor(folder: string, start: number, sink: RecorderSink) {
    this.#folder = folder;
    this.#start = start;
    this.#sink = sink;
    this.root = this.#newJob('', '', undefined, undefined);
  }

  /** The number of jobs, with the root job. */
  get count(): number {
    return this.#count;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Milliseconds since the build's start. */
  now(): number {
    return Date.now() - this.#start;
  }

  /** Milliseconds since the build's start, of a wire time in microseconds since the epoch. */
  time(microseconds: string): number {
    const ms = Math.round(Number(microseconds) / 1000 - this.#start);
    return Number.isSafeInteger(ms) ? Math.max(0, ms) : this.now();
  }

  emit(event: BuildEvent): void {
    this.#sink.event(event);
  }

  /**
   * Emits a note, which is shown with the build.
   * @param unsplit the note says why something was not split.
   */
  note(text: string, unsplit = false): void {
    this.emit({ e: 'note', t: this.now(), text, ...(unsplit ? { unsplit } : {}) });
  }

  /** The number of a tool instance that is about to start. */
  newInstance(): InstanceId {
    return this.#instances++ as InstanceId;
  }

  emitGraph(instance: InstanceId, nodes: GraphNode[], goals: readonly string[]): void {
    this.#sink.graph(instance, nodes, goals);
  }

  /** The job with a wire id. */
  byWireId(id: string): Job | undefined {
    return this.#byWireId.get(id);
  }

  /** The job of a LOGLIN_JOB, `<slot>/<wire id>`; the root job if it is unknown. */
  byPlace(place: string): Job {
    return this.#byWireId.get(place.slice(place.indexOf('/') + 1)) ?? this.root;
  }

  /** The last job of a name. */
  byName(name: string): Job | undefined {
    return this.#byName.get(name);
  }

  /** All but the root job, in the order in which they were started. */
  all(): Iterable<Job> {
    return this.#byWireId.values();
  }

  /** Starts a job. @param wireId its id on the wire; undefined if no record will be about it. */
  start(start: JobStart, wireId?: string): Job {
    const { name, target, parent, instance, t } = start;
    const { needs = '', newer = '', missing = false, redirected, piped, toPipe, born = '' } = start;
    // The new job's block stands within the piece.
    this.beginFrame(parent);
    this.pipes.settle(parent);
    const job = this.#newJob(name, target, parent, instance);
    if (toPipe) {
      job.pipe = job;
      this.pipes.open(job, parent, toPipe);
    }
    job.statusTime = t;
    this.#register(job, wireId ?? `#${job.id}`);
    this.emit({
      e: 'start',
      t,
      j: job.id,
      name,
      ...(target === name ? {} : { target }),
      ...here(parent),
      ...(instance === undefined ? {} : { i: instance }),
      ...(needs === '' || needs === ' | ' ? {} : { needs: needs.replace(/ \| $/, '') }),
      ...(newer === '' ? {} : { newer }),
      ...(missing ? { missing: true as const } : {}),
      ...(redirected ? { aside: true as const } : {}),
      ...(piped ? { piped: true as const } : {}),
      ...(toPipe ? { to: 'pipe' as const } : {}),
      ...(toPipe?.isKept ? { kept: true as const } : {}),
      ...(born === '' ? {} : { born }),
      ...(start.folder === undefined ? {} : { folder: start.folder }),
    });
    return job;
  }

  /** A wire id may be used again, by another PID namespace, but not while its job runs. */
  #register(job: Job, wireId: string): void {
    const known = this.#byWireId.get(wireId);
    if (known?.ended) this.#byWireId.delete(wireId);
    this.#byWireId.set(known && !known.ended ? `#${job.id}` : wireId, job);
  }

  // -- steps ------------------------------------------------------------------------------------------------

  /** Begins the job's next step here. */
  step(job: Job, step: Step): void {
    this.announceStep(job, job.steps, step);
    this.beginStep(job, job.steps);
  }

  /** Announces a step whose record has come. It begins at its mark in the job's slot. */
  announceStep(job: Job, number: number, step: Step): void {
    stateOf(job).announced.set(number, step);
  }

  /** Has the record of a step come? */
  knowsStep(job: Job, number: number): boolean {
    return job.steps > number || stateOf(job).announced.has(number);
  }

  /** Begins a step if it was announced. */
  beginStep(job: Job, number: number): void {
    const state = stateOf(job);
    const step = state.announced.get(number);
    if (!step) return;
    state.announced.delete(number);
    // Steps come in order: a record with another number is forged.
    if (!Number.isSafeInteger(number) || number < job.steps || number > job.steps + MOST_LOST_STEPS) return;
    state.steps = number + 1;
    const { t, argv, messages, echo, frame } = step;
    state.statusTime = Math.max(state.statusTime, t);
    this.pipes.settle(job);
    if (messages) this.#write(job, messages);
    this.setFrame(job, frame);
    const at = job.size as ByteOffset;
    const echoed = echo ? { echo: true as const } : {};
    this.emit({ e: 'step', t, j: job.id, s: number, at, argv, ...echoed });
    if (echo) {
      this.pipes.echo(job, echo);
      this.#write(job, echo);
    }
    this.onStep(job, step);
  }

  /** Ends a step. */
  exited(job: Job, { status, t, step = job.steps - 1, used }: Exit): void {
    this.setStatus(job, status, t);
    if (!Number.isSafeInteger(step) || step < 0 || step >= job.steps) return;
    const [user, sys, rss] = [used?.user, used?.sys, used?.peak].map(counter);
    this.emit({
      e: 'stepend',
      t,
      j: job.id,
      s: step,
      status,
      ...(user === undefined || sys === undefined ? {} : { user, sys }),
      ...(rss === undefined ? {} : { rss }),
    });
  }

  /**
   * Sets the job's status without the end of a step.
   * @param t by default, the time at which the last command ended or the last step began.
   */
  setStatus(job: Job, status: Status | undefined, t = job.statusTime): void {
    const state = stateOf(job);
    state.status = status;
    state.statusTime = t;
  }

  // -- text -------------------------------------------------------------------------------------------------

  /** Appends to a job's log. @param by the writer, if it is known. */
  append(job: Job, text: Buffer, by?: Writer): void {
    if (!this.pipes.read(job, text, by)) this.#write(job, text, by);
  }

  /**
   * Appends whole lines that the tool has printed about a job, not necessarily at the place of its output.
   */
  appendToolText(job: Job, lines: Buffer): void {
    this.#write(job, lines, undefined, 'tool');
  }

  #write(job: Job, text: Buffer, by?: Writer, stream?: string): void {
    const state = stateOf(job);
    const bytes = state.stripper?.push(text) ?? text;
    if (bytes.length === 0) return;
    this.beginFrame(job);
    this.#sink.append(job.id, bytes);
    if (by?.job === job) addRange(by.ranges, job.size, job.size + bytes.length);
    const at = state.size;
    state.size += bytes.length;
    state.atLineStart = bytes[bytes.length - 1] === 0x0a;
    this.#grown.add(job);
    this.pipes.added(job, at, bytes, stream);
  }

  /** Strips escape sequences from all further output of the job and those below it. */
  stripEscapes(job: Job): void {
    stateOf(job).stripper ??= new EscapeStripper();
  }

  /** Begins the job's frame, since its piece is not empty. */
  beginFrame(job: Job): void {
    const { frame } = job;
    if (!frame || this.#begunFrames.has(frame)) return;
    this.#begunFrames.add(frame);
    this.#write(job, frame.before);
  }

  /** Sets the frame of the job's next text. */
  setFrame(job: Job, frame: Frame | undefined): void {
    if (frame === job.frame) return;
    if (job.frame && this.#begunFrames.has(job.frame)) this.#write(job, job.frame.after);
    stateOf(job).frame = frame;
  }

  /** Emits the sizes of the logs that have grown. */
  emitGrowth(): void {
    if (this.#grown.size > 0) {
      const sizes = [...this.#grown].map((job): [JobId, ByteOffset] => [job.id, job.size as ByteOffset]);
      this.#grown.clear();
      this.emit({ e: 'out', t: this.now(), sizes });
    }
    const passed = this.pipes.take();
    if (passed) this.emit({ e: 'passed', t: this.now(), ...passed });
  }

  // -- ends -------------------------------------------------------------------------------------------------

  /** @param reported whether a process will still report the job's end. */
  setReported(job: Job, reported: boolean): void {
    stateOf(job).reported = reported;
  }

  /**
   * Ends a job with its current status.
   * @param as `ignored`: its tool ignores the failure; `skipped`: it did nothing and said so.
   */
  end(job: Job, as?: 'ignored' | 'skipped'): void {
    if (job.ended) return;
    stateOf(job).ended = true;
    this.setFrame(job, undefined);
    this.pipes.ended(job);
    this.onEnd(job);
    if (job.status && isBad(job.status) && as !== 'ignored' && job.id !== ROOT) this.#failures++;
    this.emitGrowth();
    this.emit({
      e: 'end',
      t: job.status ? job.statusTime : this.now(),
      j: job.id,
      ...(job.status ? { status: job.status } : {}),
      ...(as ? { [as]: true as const } : {}),
      size: job.size as ByteOffset,
    });
  }

  // -- names ------------------------------------------------------------------------------------------------

  /** The project root, resolved. */
  get folder(): string {
    return this.#folder;
  }

  /** A folder relative to the project root; unchanged if it is outside. */
  relative(folder: string): string {
    return fromRoot(this.#folder, folder);
  }

  /** A target's shown name, relative to the project root. @param cwd the folder in which its tool runs. */
  nameOf(cwd: string, target: string): string {
    return shownName(this.#folder, cwd, target);
  }

  #newJob(name: string, target: string, parent: Job | undefined, instance: InstanceId | undefined): JobState {
    const job: JobState = {
      id: this.#count++ as JobId,
      name,
      target,
      parent,
      instance,
      size: 0,
      atLineStart: true,
      announced: new Map(),
      steps: 0,
      frame: undefined,
      status: undefined,
      statusTime: 0,
      stripper: parent && stateOf(parent).stripper && new EscapeStripper(),
      pipe: parent?.pipe,
      reported: false,
      ended: false,
    };
    if (parent) this.#byName.set(name, job);
    this.#sink.create(job.id);
    return job;
  }
}

/** Jobs makes every job as a JobState. */
function stateOf(job: Job): JobState {
  return job as JobState;
}

/** A number of a record; undefined if it is none. */
function counter(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Adds a range after the others. */
function addRange(ranges: [number, number][], from: number, to: number): void {
  const last = ranges.at(-1);
  if (last?.[1] === from) last[1] = to;
  else ranges.push([from, to]);
}

/** The current place in a job's log. */
export function here(parent: Job): { parent: JobId; at: ByteOffset; mid?: true } {
  return { parent: parent.id, at: parent.size as ByteOffset, ...(parent.atLineStart ? {} : { mid: true }) };
}

/** Is a status a failure, or unknown? */
export function isBad(status: Status | undefined): boolean {
  return status === undefined || !('exit' in status) || status.exit !== 0;
}
