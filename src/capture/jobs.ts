// The jobs of a build that is being recorded: their starts, steps, bytes and ends, told as events. Knows no stream and no tool.

import type { Lineage } from '../model/birth.ts';
import type { BuildEvent, Status } from '../model/events.ts';
import type { GraphNode } from '../model/graph.ts';
import { type ByteOffset, type InstanceId, type JobId, ROOT } from '../model/ids.ts';
import { fromRoot, shownName } from '../store/layout.ts';
import { EscapeStripper } from './escapes.ts';

/** Where what is recorded goes. */
export interface RecorderSink {
  event(event: BuildEvent): void;
  /** Bytes for a job's log. They are only valid during the call. */
  append(job: JobId, bytes: Buffer): void;
  create(job: JobId): void;
  graph(instance: InstanceId, nodes: GraphNode[], goals: readonly string[]): void;
}

/** What a tool prints before and after a piece of a job's text; nothing where the piece is empty. */
export interface Frame {
  readonly before: Buffer;
  readonly after: Buffer;
  begun: boolean;
}

/** A step whose record has come. */
export interface Announced {
  readonly t: number;
  readonly argv: readonly string[];
  /** What the tool said of the step before: that it failed, and that this is ignored. */
  readonly said?: Buffer | undefined;
  /** The tool's own line that shows the command. */
  readonly echo?: Buffer | undefined;
  /** That of its text; the same as that of the step before, if one piece goes on. */
  readonly frame?: Frame | undefined;
}

export interface Job {
  readonly id: JobId;
  /** As it is shown. */
  readonly name: string;
  /** As its tool names it. */
  readonly target: string;
  readonly parent: Job | undefined;
  /** The tool instance that launched it. */
  readonly instance: InstanceId | undefined;
  size: number;
  atLineStart: boolean;
  /** Steps whose record has come but not their place in the slot. */
  readonly announced: Map<number, Announced>;
  /** How many steps have begun. */
  steps: number;
  /** That of the text that comes now. */
  frame: Frame | undefined;
  status: Status | undefined;
  statusTime: number;
  /** Takes escape sequences out of its output, as the tool around it does of what it prints. */
  strip: EscapeStripper | undefined;
  /** The process that started it tells of its end, maybe after the end of its output. */
  reported: boolean;
  ended: boolean;
}

/** How a command has ended. */
export interface Exit {
  readonly status: Status;
  /** Milliseconds since the build's start. */
  readonly t: number;
  readonly step?: number;
  readonly used?: readonly string[];
}

/** Steps of a job whose records were lost, at most. */
const MOST_LOST_STEPS = 100;

/** A tool instance that writes into its job's log. */
export interface Speaker {
  readonly job: Job;
  /** Undefined: it has not been told of. */
  readonly id: InstanceId | undefined;
  /** Tells of it, and of its end if it has ended. */
  readonly introduce: () => InstanceId;
  /** Its process. */
  readonly born: Lineage | undefined;
  /** What it said itself of that log: `[from, to]` for each piece, in order. */
  readonly said: [number, number][];
  /** Another wrote there at the same time, or was born first and heard of later. */
  beside: boolean;
  readonly ended: boolean;
}

/** What a job is started with. */
export interface JobStart {
  readonly name: string;
  readonly target: string;
  readonly parent: Job;
  readonly instance?: InstanceId | undefined;
  readonly t: number;
  readonly needs?: string;
  readonly newer?: string;
  /** Its target was not there. */
  readonly missing?: boolean;
  /** Its stdout does not go to the log. */
  readonly aside: boolean;
  /** What it says may come in its parent's log. */
  readonly piped?: boolean;
  /** A nested loglin's process. */
  readonly born?: string;
}

export class Jobs {
  readonly root: Job;
  /** Called before a job's end is told. */
  onEnd: (job: Job) => void = () => undefined;
  failures = 0;
  readonly #sink: RecorderSink;
  readonly #folder: string;
  readonly #start: number;
  readonly #byWire = new Map<string, Job>();
  readonly #byName = new Map<string, Job>();
  readonly #grown = new Set<Job>();
  #count = 0;
  #instances = 0;

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

  get count(): number {
    return this.#count;
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

  tell(event: BuildEvent): void {
    this.#sink.event(event);
  }

  /** The number of a tool instance that is about to be told of. */
  newInstance(): InstanceId {
    return this.#instances++ as InstanceId;
  }

  tellGraph(instance: InstanceId, nodes: GraphNode[], goals: readonly string[]): void {
    this.#sink.graph(instance, nodes, goals);
  }

  /** The job that a wire id stands for. */
  wire(id: string): Job | undefined {
    return this.#byWire.get(id);
  }

  /** The job of a LOGLIN_JOB, `<slot>/<wire id>`; the root job where it is unknown. */
  at(place: string): Job {
    return this.#byWire.get(place.slice(place.indexOf('/') + 1)) ?? this.root;
  }

  /** The last job of a name. */
  named(name: string): Job | undefined {
    return this.#byName.get(name);
  }

  /** All but the root job, in the order in which they were started. */
  all(): Iterable<Job> {
    return this.#byWire.values();
  }

  /** Starts a job. @param wire its id on the wire; none: nobody will speak of it. */
  start(start: JobStart, wire?: string): Job {
    const {
      name,
      target,
      parent,
      instance,
      t,
      needs = '',
      newer = '',
      missing = false,
      aside,
      piped,
      born = '',
    } = start;
    // The new job's block stands within the piece.
    this.beginFrame(parent);
    const job = this.#newJob(name, target, parent, instance);
    this.#remember(job, wire ?? `#${job.id}`);
    this.#sink.event({
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
      ...(aside ? { aside: true as const } : {}),
      ...(piped ? { piped: true as const } : {}),
      ...(born === '' ? {} : { born }),
    });
    return job;
  }

  /** A wire id may come again, from another PID namespace; not while its job runs. */
  #remember(job: Job, wire: string): void {
    const there = this.#byWire.get(wire);
    if (there?.ended) this.#byWire.delete(wire);
    this.#byWire.set(there && !there.ended ? `#${job.id}` : wire, job);
  }

  /** Begins a step that was announced; nothing where it was not. */
  beginStep(job: Job, step: number): void {
    const announced = job.announced.get(step);
    if (!announced) return;
    job.announced.delete(step);
    // Steps come in turn; what claims not to is forged.
    if (!Number.isSafeInteger(step) || step < job.steps || step > job.steps + MOST_LOST_STEPS) return;
    job.steps = step + 1;
    const { t, argv, said, echo, frame } = announced;
    if (said) this.append(job, said);
    this.setFrame(job, frame);
    const at = job.size as ByteOffset;
    this.#sink.event({
      e: 'step',
      t,
      j: job.id,
      s: step,
      at,
      argv,
      ...(echo ? { echo: true as const } : {}),
    });
    if (echo) this.append(job, echo);
  }

  /**
   * A command of the job has ended.
   * @param end `step`: its number, the last one's by default; `used`: µs of user and of system time, and KiB of peak
   * memory, as the wire has them.
   */
  exited(job: Job, end: Exit): void {
    const { status, t, step = job.steps - 1, used = [] } = end;
    job.status = status;
    job.statusTime = t;
    if (!Number.isSafeInteger(step) || step < 0 || step >= job.steps) return;
    const [user, sys, rss] = used.map((text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined));
    this.#sink.event({
      e: 'stepend',
      t,
      j: job.id,
      s: step,
      status,
      ...(user === undefined || sys === undefined ? {} : { user, sys }),
      ...(rss === undefined ? {} : { rss }),
    });
  }

  /** @param by the tool instance that said it, where that is known. */
  append(job: Job, text: Buffer, by?: Speaker): void {
    const bytes = job.strip?.push(text) ?? text;
    if (bytes.length === 0) return;
    this.beginFrame(job);
    this.#sink.append(job.id, bytes);
    if (by?.job === job) addRange(by.said, job.size, job.size + bytes.length);
    job.size += bytes.length;
    job.atLineStart = bytes[bytes.length - 1] === 0x0a;
    this.#grown.add(job);
  }

  /** There is something in the piece that the frame stands around. */
  beginFrame(job: Job): void {
    if (!job.frame || job.frame.begun) return;
    job.frame.begun = true;
    this.append(job, job.frame.before);
  }

  /** The text that comes now is in this piece, or in none. */
  setFrame(job: Job, frame: Frame | undefined): void {
    if (frame === job.frame) return;
    if (job.frame?.begun) this.append(job, job.frame.after);
    job.frame = frame;
  }

  /** Tells how long the logs are now that have grown. */
  tellGrowth(): void {
    if (this.#grown.size === 0) return;
    const sizes = [...this.#grown].map((job): [JobId, ByteOffset] => [job.id, job.size as ByteOffset]);
    this.#grown.clear();
    this.#sink.event({ e: 'out', t: this.now(), sizes });
  }

  /** @param ignored its tool goes on as if it had succeeded. */
  end(job: Job, ignored = false): void {
    if (job.ended) return;
    job.ended = true;
    this.setFrame(job, undefined);
    this.onEnd(job);
    if (job.status && isBad(job.status) && !ignored && job.id !== ROOT) this.failures++;
    this.tellGrowth();
    this.#sink.event({
      e: 'end',
      t: job.status ? job.statusTime : this.now(),
      j: job.id,
      ...(job.status ? { status: job.status } : {}),
      ...(ignored ? { ignored: true as const } : {}),
      size: job.size as ByteOffset,
    });
  }

  /** A folder relative to the project root; as it is, where it is outside. */
  relative(folder: string): string {
    return fromRoot(this.#folder, folder);
  }

  /** A target's path relative to the project root, as it is shown. @param cwd where its tool runs. */
  nameOf(cwd: string, target: string): string {
    return shownName(this.#folder, cwd, target);
  }

  #newJob(name: string, target: string, parent: Job | undefined, instance: InstanceId | undefined): Job {
    const job: Job = {
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
      strip: parent?.strip && new EscapeStripper(),
      reported: false,
      ended: false,
    };
    if (parent) this.#byName.set(name, job);
    this.#sink.create(job.id);
    return job;
  }
}

/** Adds a range behind the others. */
function addRange(ranges: [number, number][], from: number, to: number): void {
  const last = ranges.at(-1);
  if (last?.[1] === from) last[1] = to;
  else ranges.push([from, to]);
}

/** The place where a job's log is now. */
export function here(parent: Job): { parent: JobId; at: ByteOffset; mid?: true } {
  return { parent: parent.id, at: parent.size as ByteOffset, ...(parent.atLineStart ? {} : { mid: true }) };
}

/** A status as the wire has it, the exit status or the negative signal; undefined where it is none. */
export function statusOf(text: string): Status | undefined {
  if (!/^-?\d{1,3}$/.test(text)) return undefined;
  const code = Number(text);
  return code < 0 ? { signal: -code } : { exit: code };
}

/** An exit status as a tool has told it; undefined where it is none. */
export function exitOf(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** A status as a shell's `$?` has it, which says 128+n for signal n; undefined where it is none. */
export function shellStatusOf(text: string): Status | undefined {
  const status = statusOf(text);
  if (status === undefined || !('exit' in status)) return undefined;
  return status.exit > 128 && status.exit < 160 ? { signal: status.exit - 128 } : status;
}

/** Not a success, or not known. */
export function isBad(status: Status | undefined): boolean {
  return status === undefined || !('exit' in status) || status.exit !== 0;
}
