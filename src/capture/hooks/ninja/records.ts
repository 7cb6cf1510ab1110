// What the capture library tells of ninja and samurai (library/ninja.c), made into jobs. m: a ninja starts; l: it launches an edge; s, in
// the edge's slot: the place where that begins; w: it was reaped; x: the ninja exits. And of a static ninja: V: it starts; v, in its own
// text: an edge has ended, and its status line and output follow. Knows ninja's habits, not how slots and logs work.

import type { InstanceId } from '../../../model/ids.ts';
import { isFailure } from '../../../model/failure.ts';
import { EscapeStripper } from '../../escapes.ts';
import { type Job, type Speaker, exitOf, isBad, statusOf } from '../../jobs.ts';
import type { WireRecord } from '../../protocol.ts';
import type { Slot } from '../../slots.ts';
import type { Hook, Recording } from '../hook.ts';
import { type InstanceStart, Instances, ToolInstance } from '../instances.ts';
import { awaitRecord } from '../marks.ts';
import { causesOf } from './causes.ts';
import { type CommandLine, readCommandLine } from './commandline.ts';
import { graphOf } from './graph.ts';
import { type Edge, type Manifest, readManifest } from './manifest.ts';
import { Speech } from './speech.ts';

/** An edge's job ends when ninja has said what it has to say of it; it waits at most this long for that. */
const SETTLE_MS = 200;

/** What ninja says of itself begins so. */
const OWN = Buffer.from('ninja: ');
const ENTERS = /^ninja: Entering directory `(.*)'$/;

/** A ninja process. */
class Ninja extends ToolInstance {
  readonly line: CommandLine;
  readonly samurai: boolean;
  /** It has said how it ended. */
  concluded = false;
  /** Its stdout goes to the log. */
  readonly visible: boolean;
  /** It takes escape sequences out of what its edges say: its stdout is no terminal, and nobody wants colours all the same. */
  readonly strips: boolean;
  readonly speech: Speech<Job>;
  /** Undefined: not read yet, or it cannot be read. */
  manifest: Manifest | undefined;
  /** The edges that run or ran. */
  readonly edges = new Map<Job, Edge>();
  /** The jobs whose status line has come. */
  readonly told = new Set<Job>();
  /** Of a static ninja: the job whose output is being printed. */
  printing: Job | undefined;

  /** @param flags as its record has them. @param complete all has come that it says of a job. */
  constructor(
    recording: Recording,
    start: Omit<InstanceStart, 'tool' | 'piped'>,
    flags: string,
    complete: (ninja: Ninja, job: Job) => void,
  ) {
    super(recording, { ...start, tool: 'ninja', piped: flags[2] === 'p' });
    this.line = readCommandLine(start.argv);
    this.samurai = /(?:^|\/)samu/.test(start.argv[0] ?? '');
    this.visible = flags.startsWith('1');
    this.strips = flags[3] === '1';
    this.speech = new Speech({
      append: (job, text) => {
        recording.jobs.append(job, text);
      },
      complete: (job) => {
        complete(this, job);
      },
    });
  }
}

export class NinjaRecords implements Hook {
  readonly kinds = 'mlswxVv';
  readonly #recording: Recording;
  readonly #ninjas: Instances<Ninja>;
  /** Jobs that were reaped and whose ends are not told yet, with the time from which they are told in any case. */
  readonly #settling = new Map<Job, number>();
  /** What is kept back is being given up, since this one has ended. */
  #exiting: Ninja | undefined;
  readonly #saidUnreadable = new Set<string>();
  #saidStatic = false;

  get total(): number | undefined {
    const [only, other] = this.#ninjas.all();
    return other ? undefined : only?.speech.total;
  }

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#ninjas = new Instances(recording);
  }

  record({ kind, fields }: WireRecord, slot: Slot | undefined): 'wait' | undefined {
    switch (kind) {
      case 'm':
        this.#started(fields, slot);
        break;
      case 'l':
        this.#launched(fields, slot);
        break;
      case 's':
        return this.#begins(fields, slot);
      case 'w':
        this.#reaped(fields, slot);
        break;
      case 'x':
        this.#exited(fields, slot);
        break;
      case 'V':
        this.#staticStarted(fields, slot);
        break;
      case 'v':
        this.#staticStatus(fields, slot);
        break;
      default:
    }
    return undefined;
  }

  /** ninja's own text: what of it belongs to its edges goes there. */
  unclaimed(slot: Slot, text: Buffer, by: Speaker | undefined): Buffer {
    if (by) return text;
    let rest = text;
    for (const instance of this.#ninjas.inSlot(slot)) {
      if (!instance.printing) rest = instance.speech.hear(rest);
      // Of a static ninja: what follows the status line is the edge's.
      if (instance.printing) rest = this.#hearStatic(instance, rest);
    }
    return this.#takeOwn(slot, rest);
  }

  /**
   * What they say of themselves goes to the log with their names, since several may speak at once, and before it what stands before it.
   * @returns what stands behind the last of it.
   */
  #takeOwn(slot: Slot, text: Buffer): Buffer {
    const speakers = this.#ninjas.inSlot(slot);
    if (speakers.length === 0 || !text.includes(OWN)) return text;
    const { jobs } = this.#recording;
    const owner = slot.job ?? jobs.root;
    let from = 0;
    let at = 0;
    for (const line of linesOf(text)) {
      const isOwn = line.subarray(0, OWN.length).equals(OWN);
      const by = isOwn ? speakerOf(line, speakers, this.#exiting) : undefined;
      if (by) {
        jobs.append(owner, text.subarray(from, at));
        jobs.append(owner, line, by);
        from = at + line.length;
      }
      at += line.length;
    }
    return text.subarray(from);
  }

  poll(): void {
    if (this.#settling.size === 0) return;
    const now = Date.now();
    for (const [job, until] of this.#settling) if (now >= until) this.#endJob(job);
  }

  jobEnded(job: Job): void {
    for (const ninja of this.#ninjas.takeOf(job)) this.#end(ninja, undefined);
  }

  finish(): void {
    for (const ninja of this.#ninjas.all()) this.#end(ninja, undefined);
  }

  // -- ninja processes ---------------------------------------------------------------------------------------------------------

  #started(fields: readonly string[], slot: Slot | undefined): void {
    const [wire = '', , place = '', flags = '', time = '', born = '', ...argv] = fields;
    this.#add(wire, { place, time, born, argv, talk: slot }, flags);
  }

  #add(wire: string, start: Omit<InstanceStart, 'tool' | 'piped'>, flags: string): Ninja {
    const ninja = new Ninja(this.#recording, start, flags, (instance, job) => {
      this.#tellWhy(instance, job);
      this.#endJob(job);
    });
    this.#ninjas.add(wire, ninja);
    return ninja;
  }

  /** Tells of the instance, with its first edge: its graph is known before anything runs. */
  #tell(instance: Ninja, cwd: string): InstanceId {
    if (instance.id !== undefined) return instance.id;
    const i = instance.tell(cwd);
    this.#read(instance);
    return i;
  }

  /** It had nothing to do: what it would have made is shown from earlier builds (`-u`). Its manifest need not be read for that. */
  #tellIdle(instance: Ninja, cwd: string): void {
    const { goals, idle } = instance.line;
    if (idle || cwd === '') return;
    const i = instance.tell(cwd);
    if (goals.length > 0) this.#recording.jobs.tell({ e: 'goals', i, goals });
  }

  /** Reads the manifest, and tells the graph. */
  #read(instance: Ninja): void {
    const { jobs } = this.#recording;
    const { cwd, line, id } = instance;
    try {
      instance.manifest = readManifest(cwd, line.manifest);
    } catch (error) {
      if (!isFailure(error)) throw error;
      instance.manifest = undefined;
      if (this.#saidUnreadable.has(error.message)) return;
      this.#saidUnreadable.add(error.message);
      jobs.tell({ e: 'note', t: jobs.now(), text: `${error.message}; edges are named by their commands` });
      return;
    }
    this.#tellGraph(instance, instance.manifest, id);
  }

  #tellGraph(instance: Ninja, manifest: Manifest, id: InstanceId | undefined): void {
    if (id === undefined) return;
    const { nodes, goals } = graphOf(manifest, instance.cwd, instance.line.goals);
    this.#recording.jobs.tellGraph(id, nodes, goals);
  }

  #exited([wire = '', exit = '', t = '', cwd = '']: readonly string[], slot: Slot | undefined): void {
    const { jobs, flush } = this.#recording;
    const instance = this.#ninjas.get(wire);
    if (!instance || instance.ended) return;
    this.#exiting = instance;
    if (slot) flush(slot, 'nobody');
    this.#exiting = undefined;
    if (instance.id === undefined && exit === '0') this.#tellIdle(instance, cwd);
    // samurai's is not known.
    const code = exitOf(exit);
    instance.left = { cwd, exit: code };
    this.#end(instance, code, jobs.time(t));
  }

  #end(instance: Ninja, exit: number | undefined, t = this.#recording.jobs.now()): void {
    if (instance.ended) return;
    const { jobs, flush } = this.#recording;
    const { talk, manifest } = instance;
    if (talk) flush(talk, 'nobody');
    this.#ninjas.leave(instance);
    if (instance.printing) this.#endJob(instance.printing);
    for (const job of instance.speech.end()) {
      this.#tellWhy(instance, job);
      this.#endJob(job);
    }
    if (talk) jobs.append(talk.job ?? jobs.root, instance.speech.takeKept());
    // What it regenerated or learned from dyndep files while it ran.
    if (manifest && instance.id !== undefined) {
      if (manifest.stale) this.#read(instance);
      else if (manifest.hasDyndeps) this.#tellGraph(instance, manifest, instance.id);
    }
    if (manifest) this.#tellCauses(instance, manifest);
    instance.tellEnd(exit, t);
  }

  // -- edges -------------------------------------------------------------------------------------------------------------------

  #launched(fields: readonly string[], slot: Slot | undefined): void {
    const { jobs, slots, flush } = this.#recording;
    const [wire = '', ninja = '', place = '', way = '', time = '', cwd = '', command = ''] = fields;
    const instance = this.#ninjas.get(ninja);
    if (!instance) return;
    const i = this.#tell(instance, cwd);
    const edge = this.#edgeOf(instance, command);
    // samurai tells of every edge when it starts, ninja of those that have the console.
    let told = false;
    if (slot && edge && slot.heldBytes > 0) {
      const heard = instance.speech.hearStart(slot.takeHeld('nobody'), edge.description, edge.command);
      told = heard.told;
      jobs.append(slot.job ?? jobs.root, this.#takeOwn(slot, heard.own));
    } else if (slot) {
      flush(slot, 'nobody');
    }
    const own = place === '-' ? undefined : slots.get(place);
    const t = jobs.time(time);
    const target = edge?.outputs[0] ?? command.slice(0, 200);
    const name = edge ? jobs.nameOf(instance.cwd, target) : target;
    const parent = instance.job;
    const aside = !instance.visible;
    const job = jobs.start(
      { name, target, parent, instance: i, t, aside, piped: instance.piped || (slot !== undefined && !own) },
      wire,
    );
    if (instance.strips && way === 'p') job.strip ??= new EscapeStripper();
    if (edge) instance.edges.set(job, edge);
    if (told) instance.told.add(job);
    if (own) slots.use(own, job);
    const said = instance.line.verbose ? command : edge?.description;
    const silent = said === undefined || !own || instance.line.quiet;
    const echo = silent ? undefined : Buffer.from(`${said}\n`);
    job.announced.set(0, { t, argv: ['/bin/sh', '-c', command], ...(echo ? { echo } : {}) });
    jobs.beginStep(job, 0);
    if (way === 'c' && slot) instance.speech.lock(job);
  }

  #edgeOf(instance: Ninja, command: string): Edge | undefined {
    const edge = instance.manifest?.take(command);
    if (edge || !instance.manifest?.stale) return edge;
    // It has just made its own manifest anew.
    this.#read(instance);
    return instance.manifest.take(command);
  }

  /** The mark in the edge's slot. */
  #begins([wire = '', talk = '']: readonly string[], slot: Slot | undefined): 'wait' | undefined {
    const { jobs } = this.#recording;
    if (awaitRecord(this.#recording, talk, () => jobs.wire(wire) !== undefined) === 'wait') return 'wait';
    const job = jobs.wire(wire);
    if (!job || !slot) return undefined;
    slot.job = job;
    slot.opened = true;
    return undefined;
  }

  #reaped(fields: readonly string[], slot: Slot | undefined): void {
    const { jobs, slots, flush } = this.#recording;
    const [wire = '', code = '', t = '', user = '', sys = '', rss = '', copied = '', first = ''] = fields;
    const job = jobs.wire(wire);
    const status = statusOf(code);
    if (!job || !status) return;
    const own = slots.of(job);
    if (own) {
      own.stream.read(true);
      flush(own);
    }
    jobs.exited(job, { status, t: jobs.time(t), used: [user, sys, rss] });
    const instance = this.#ninjas.get(wire.slice(0, wire.lastIndexOf('.')));
    if (!slot || !instance?.visible) {
      this.#endJob(job);
      return;
    }
    // What it said until now is not about this edge.
    flush(slot, 'nobody');
    const edge = instance.edges.get(job);
    // ninja takes the lines out that tell it of included files: what it prints is not what it read. samurai prints nothing while an
    // edge has the console.
    const unlike =
      edge?.binding('deps') === 'msvc' || (instance.samurai && instance.speech.locked && !isBad(status));
    this.#settling.set(job, Date.now() + SETTLE_MS);
    instance.speech.reaped(job, {
      failed: isBad(status),
      description: edge?.description,
      command: edge?.command,
      copied: unlike ? 0 : Number(copied) || 0,
      first: Buffer.from(first, 'hex'),
      told: instance.line.quiet || instance.told.delete(job),
    });
  }

  /** What ninja said with `-d explain`: before anything runs, or, since 1.12, with the status line. */
  #tellWhy(instance: Ninja, job: Job): void {
    const { jobs } = this.#recording;
    const why = instance.speech.reasonFor(instance.edges.get(job)?.outputs ?? []);
    if (why !== undefined) jobs.tell({ e: 'why', t: jobs.now(), j: job.id, why });
  }

  /** What ninja's own records say of why its edges ran. */
  #tellCauses(instance: Ninja, manifest: Manifest): void {
    const { jobs } = this.#recording;
    const ran = new Map([...instance.edges].map(([job, edge]) => [edge, { job, done: !isBad(job.status) }]));
    for (const [edge, why] of causesOf(manifest, instance.cwd, ran)) {
      const job = ran.get(edge)?.job;
      if (job) jobs.tell({ e: 'why', t: jobs.now(), j: job.id, ...why });
    }
  }

  #endJob(job: Job): void {
    const { jobs, slots, release } = this.#recording;
    this.#settling.delete(job);
    if (job.ended) return;
    const own = slots.of(job);
    jobs.end(job);
    if (own) release(own);
  }

  // -- a static ninja ----------------------------------------------------------------------------------------------------------

  #staticStarted(fields: readonly string[], slot: Slot | undefined): void {
    const [id = '', place = '', time = '', cwd = '', ...argv] = fields;
    const instance = this.#add(id, { place, time, cwd, born: '', argv, talk: slot }, '11-0');
    const folder = instance.line.folder;
    instance.cwd = folder === '' ? cwd : folder.startsWith('/') ? folder : `${cwd}/${folder}`;
  }

  #staticStatus([id = '']: readonly string[], slot: Slot | undefined): void {
    const instance = this.#ninjas.get(id);
    if (!instance || !slot) return;
    this.#sayStatic();
    this.#recording.flush(slot, 'nobody');
    if (instance.printing) this.#endJob(instance.printing);
    instance.printing = undefined;
    instance.speech.status((text) => this.#staticEdge(instance, text));
  }

  /** Not before it has shown a status: another program may have ninja's name. */
  #sayStatic(): void {
    if (this.#saidStatic) return;
    this.#saidStatic = true;
    const text = 'a static ninja cannot be looked into: the output of its edges comes when they have ended';
    this.#recording.jobs.tell({ e: 'note', t: this.#recording.jobs.now(), text });
  }

  /** The status line of a static ninja's edge has come: a job that has ended already, whose output follows. */
  #staticEdge(instance: Ninja, line: string): boolean {
    const { jobs } = this.#recording;
    const i = this.#tell(instance, instance.cwd);
    const edge = instance.manifest?.said(line);
    if (!edge) return false;
    const t = jobs.now();
    const target = edge.outputs[0] ?? '';
    const name = jobs.nameOf(instance.cwd, target);
    const job = jobs.start({ name, target, parent: instance.job, instance: i, t, aside: false });
    const echo = Buffer.from(`${edge.description}\n`);
    job.announced.set(0, { t, argv: ['/bin/sh', '-c', edge.command], echo });
    jobs.beginStep(job, 0);
    job.status = { exit: 0 };
    job.statusTime = t;
    instance.printing = job;
    return true;
  }

  #hearStatic(instance: Ninja, text: Buffer): Buffer {
    const { jobs } = this.#recording;
    const job = instance.printing;
    if (!job) return text;
    // What ninja says at its end stands behind the last edge's output.
    const own = /(?:^|\n)(ninja: )/.exec(text.toString('latin1'));
    const end = own ? own.index + own[0].length - own[1]!.length : text.length;
    const output = text.subarray(0, end);
    const failed = /^FAILED: (?:\[code=(\d+)\] )?/.exec(output.toString('latin1', 0, 64));
    if (failed) job.status = { exit: Number(failed[1] ?? 1) };
    jobs.append(job, output);
    return text.subarray(end);
  }
}

/** Lines, each with its end; the last one may have none. */
function linesOf(text: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at < text.length;) {
    const end = text.indexOf(0x0a, at) + 1 || text.length;
    lines.push(text.subarray(at, end));
    at = end;
  }
  return lines;
}

/** Whose line this is, of several that say the same: the one in that folder, the one that ends now, one that has not spoken. */
function speakerOf(line: Buffer, speakers: readonly Ninja[], exiting: Ninja | undefined): Ninja | undefined {
  if (speakers.length === 1) return speakers[0];
  const entered = ENTERS.exec(line.toString('utf8').replace(/\n$/, ''))?.[1];
  if (entered !== undefined) return speakers.find((one) => one.line.folder === entered);
  const silent = speakers.filter((one) => !one.concluded);
  const by = exiting && silent.includes(exiting) ? exiting : silent[0];
  if (by) by.concluded = true;
  return by;
}
