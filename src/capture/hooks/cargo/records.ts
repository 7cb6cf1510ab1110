// What the shim of rustc tells (rustc.sh), made into jobs. C: cargo compiles a crate; D: how that ended. What rustc says is in a file of
// the build's temp folder, which is read as it grows; cargo's own copy of it is taken out of cargo's text. Knows no JSON and no names.

import fs from 'node:fs';
import path from 'node:path';
import type { InstanceId } from '../../../model/ids.ts';
import type { GraphNode } from '../../../model/graph.ts';
import { type Job, type Speaker, shellStatusOf } from '../../jobs.ts';
import type { WireRecord } from '../../protocol.ts';
import { isPlainName } from '../../spooled.ts';
import type { Slot } from '../../slots.ts';
import type { Hook, Recording } from '../hook.ts';
import { Expected, plain, renderLine } from './messages.ts';
import { type CargoWishes, inspectCargo, isGone, wishesOf } from './processes.ts';
import { readScriptRun } from './scripts.ts';
import { type Unit, unitOf } from './units.ts';

const NEWLINE = 0x0a;
/** How often it is looked whether a cargo still runs. */
const LOOK_MS = 50;
/** What cargo says of its own doing, right-aligned: `   Compiling util v0.1.0`. */
const STATUS = /^ {0,11}[A-Z][a-z]+ /;

/** A cargo process. */
interface Instance {
  readonly id: InstanceId;
  readonly pid: number;
  readonly ticks: number | undefined;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly job: Job;
  /** Where its text goes; none: not to the log. */
  readonly talk: Slot | undefined;
  /** Its text goes into a pipe. */
  readonly piped: boolean;
  readonly wishes: CargoWishes;
  readonly expected: Expected;
  readonly nodes: GraphNode[];
  /** The targets of the build scripts, by the folder of their package. */
  readonly scripts: Map<string, string>;
  /** The folders of build scripts' runs that were looked at. */
  readonly looked: Set<string>;
}

/** A crate that is being compiled. */
interface Crate {
  readonly job: Job;
  readonly instance: Instance;
  readonly copy: string;
  readonly fd: number | undefined;
  /** A line that is not whole yet. */
  rest: Buffer;
}

/** What a call of rustc says of the cargo that made it. */
interface Call {
  readonly pid: number;
  readonly aside: boolean;
  readonly piped: boolean;
  readonly place: string;
  readonly cwd: string;
  readonly environment: Parameters<typeof wishesOf>[1];
}

const buffer = Buffer.allocUnsafe(64 * 1024);

export class CargoRecords implements Hook {
  readonly kinds = 'CD';
  readonly #recording: Recording;
  readonly #instances = new Map<number, Instance>();
  readonly #inSlot = new Map<Slot, Set<Instance>>();
  readonly #crates = new Map<string, Crate>();
  /** How much of each slot's text was put back, since it may be the beginning of something. */
  readonly #open = new Map<Slot, number>();
  #count = 0;
  #looked = 0;
  #saidRerun = false;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  record({ kind, fields }: WireRecord): undefined {
    if (kind === 'C') this.#compiles(fields);
    else this.#compiled(fields);
  }

  poll(): void {
    for (const crate of this.#crates.values()) this.#read(crate);
    if (this.#instances.size === 0 || Date.now() - this.#looked < LOOK_MS) return;
    this.#looked = Date.now();
    for (const instance of this.#instances.values()) if (isGone(instance)) this.#end(instance);
  }

  unclaimed(slot: Slot, text: Buffer, by: Speaker | undefined): Buffer {
    const speakers = this.#inSlot.get(slot);
    if (by || !speakers) return text;
    for (const crate of this.#crates.values()) this.#read(crate);
    let rest = text;
    let open = 0;
    for (const { expected } of speakers) {
      const cut = expected.cut(rest);
      rest = cut.rest;
      open = Math.max(open, cut.open);
    }
    // Only once: what does not go on is not what it looked like.
    const again = this.#open.get(slot) === text.length;
    this.#open.delete(slot);
    if (open === 0 || again || slot.stream.atEnd || this.#recording.over()) return rest;
    this.#open.set(slot, open);
    slot.hold(Buffer.from(rest.subarray(rest.length - open)));
    return rest.subarray(0, rest.length - open);
  }

  jobEnded(job: Job): void {
    for (const [wire, crate] of this.#crates) if (crate.job === job) this.#close(wire, crate);
    for (const instance of this.#instances.values()) if (instance.job === job) this.#end(instance);
  }

  finish(): void {
    for (const instance of this.#instances.values()) this.#end(instance);
  }

  // -- cargo processes ---------------------------------------------------------------------------------------------------------

  #instance({ pid, aside, piped, place, cwd, environment }: Call): Instance {
    const known = this.#instances.get(pid);
    if (known && !isGone(known)) return known;
    if (known) this.#end(known);
    const { jobs, slots } = this.#recording;
    const found = inspectCargo(pid, cwd);
    const job = jobs.at(place);
    const talk = aside ? undefined : slots.get(place.slice(0, place.indexOf('/')));
    const id = jobs.newInstance();
    const { argv } = found;
    jobs.tell({
      e: 'tool',
      t: jobs.now(),
      i: id,
      tool: 'cargo',
      j: job.id,
      cwd: jobs.relative(found.cwd),
      argv,
      ...(piped ? { piped } : {}),
    });
    const instance: Instance = {
      id,
      pid,
      ticks: found.ticks,
      started: found.started,
      job,
      talk,
      piped,
      wishes: wishesOf(found.argv, environment),
      expected: new Expected(),
      nodes: [],
      scripts: new Map(),
      looked: new Set(),
    };
    this.#instances.set(pid, instance);
    if (talk) {
      this.#inSlot.set(talk, (this.#inSlot.get(talk) ?? new Set()).add(instance));
      talk.speakers.add(this);
    }
    return instance;
  }

  #end(instance: Instance): void {
    if (this.#instances.get(instance.pid) !== instance) return;
    const { jobs, flush } = this.#recording;
    const { id, talk, nodes } = instance;
    if (talk) {
      talk.stream.read(true);
      flush(talk);
    }
    this.#instances.delete(instance.pid);
    const speakers = talk && this.#inSlot.get(talk);
    if (talk && speakers?.delete(instance) && speakers.size === 0) {
      this.#inSlot.delete(talk);
      talk.speakers.delete(this);
    }
    jobs.tellGraph(id, nodes, []);
    jobs.tell({ e: 'toolend', t: jobs.now(), i: id });
  }

  // -- crates ------------------------------------------------------------------------------------------------------------------

  #compiles(fields: readonly string[]): void {
    const { jobs, workspace } = this.#recording;
    const [wire = '', place = '', pid = '', aside = '', cwd = '', packageName = '', manifest = ''] = fields;
    const [binName = '', outDir = '', termColour = '', never = '', force = '', ...argv] = fields.slice(7);
    const unit = unitOf(argv, { packageName, binName, outDir });
    if (!isPlainName(wire) || this.#crates.has(wire)) return;
    const copy = workspace.path(`m.${wire}`);
    if (!unit) {
      fs.rmSync(copy, { force: true });
      return;
    }
    const environment = { termColour, never: never !== '', force };
    const instance = this.#instance({
      pid: Number(pid),
      aside: aside !== '0',
      piped: aside === 'p',
      place,
      cwd,
      environment,
    });
    if (instance.talk) this.#placeStatus(instance.talk);
    if (unit.buildScript) instance.scripts.set(manifest, unit.target);
    const script = this.#script(instance, unit, packageName, manifest);
    const job = this.#start(instance, unit.name, unit.target, [...script, ...unit.needs], jobs.now(), wire);
    job.announced.set(0, { t: jobs.now(), argv });
    jobs.beginStep(job, 0);
    this.#crates.set(wire, { job, instance, copy, fd: this.#openCopy(`m.${wire}`), rest: Buffer.alloc(0) });
  }

  #start(
    instance: Instance,
    name: string,
    target: string,
    needs: readonly string[],
    t: number,
    wire?: string,
  ): Job {
    const { jobs } = this.#recording;
    instance.nodes.push({ name: target, needs, recipe: true });
    const { id, job: parent, talk } = instance;
    const aside = !talk;
    const { piped } = instance;
    return jobs.start({ name, target, parent, instance: id, t, needs: needs.join(' '), aside, piped }, wire);
  }

  /** What cargo has said of its doings stands before the crate's place; anything else may be a crate's, and waits. */
  #placeStatus(talk: Slot): void {
    talk.stream.read(true);
    const held = talk.takeHeld();
    let at = 0;
    for (let end = held.indexOf(NEWLINE); end >= 0; end = held.indexOf(NEWLINE, at)) {
      if (!STATUS.test(plain(held.subarray(at, end)).toString('latin1'))) break;
      at = end + 1;
    }
    const { jobs } = this.#recording;
    jobs.append(talk.job ?? jobs.root, held.subarray(0, at));
    talk.hold(held.subarray(at));
  }

  /** The build script whose run a crate needs; its output becomes a job, if it said something. @returns the name to need. */
  #script(instance: Instance, unit: Unit, packageName: string, manifest: string): string[] {
    const folder = unit.scriptFolder;
    const compiled = instance.scripts.get(manifest);
    const none = compiled === undefined || unit.buildScript ? [] : [compiled];
    if (folder === undefined) return none;
    const { jobs } = this.#recording;
    const target = path.basename(folder);
    if (instance.looked.has(folder))
      return instance.nodes.some(({ name }) => name === target) ? [target] : none;
    instance.looked.add(folder);
    const run = readScriptRun(folder, instance.started);
    if (!run) return none;
    if (run.rerunsForUs) this.#sayRerun(packageName);
    if (run.text.length === 0 || instance.wishes.scriptsShown || !instance.talk) return none;
    const time = (ms: number): number => jobs.time(String(ms * 1000));
    const job = this.#start(instance, `${packageName} (build script run)`, target, none, time(run.started));
    jobs.append(job, run.text);
    job.status = { exit: 0 };
    job.statusTime = time(run.ended);
    jobs.end(job);
    return [target];
  }

  #sayRerun(packageName: string): void {
    if (this.#saidRerun) return;
    this.#saidRerun = true;
    const text = `the build script of ${packageName} runs again where RUSTC_WRAPPER changes, and loglin sets it; --no-hooks=cargo does not`;
    this.#recording.jobs.tell({ e: 'note', t: this.#recording.jobs.now(), text });
  }

  #compiled([wire = '', code = '']: readonly string[]): void {
    const { jobs } = this.#recording;
    const crate = this.#crates.get(wire);
    if (!crate) return;
    const { job } = crate;
    this.#close(wire, crate);
    const status = shellStatusOf(code);
    if (status) jobs.exited(job, { status, t: jobs.now() });
    jobs.end(job);
  }

  #close(wire: string, crate: Crate): void {
    this.#read(crate);
    if (crate.rest.length > 0) this.#say(crate, crate.rest);
    this.#crates.delete(wire);
    if (crate.fd !== undefined) fs.closeSync(crate.fd);
    fs.rmSync(crate.copy, { force: true });
  }

  #openCopy(name: string): number | undefined {
    try {
      return this.#recording.workspace.open(name);
    } catch {
      return undefined;
    }
  }

  /** Takes what rustc has said since. */
  #read(crate: Crate): void {
    if (crate.fd === undefined) return;
    for (;;) {
      const n = fs.readSync(crate.fd, buffer, 0, buffer.length, null);
      if (n === 0) return;
      const bytes = Buffer.concat([crate.rest, buffer.subarray(0, n)]);
      let at = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
        this.#say(crate, bytes.subarray(at, end));
        at = end + 1;
      }
      crate.rest = bytes.subarray(at);
    }
  }

  #say({ job, instance }: Crate, line: Buffer): void {
    const text = instance.talk && renderLine(line);
    if (!text) return;
    instance.expected.add(text);
    this.#recording.jobs.append(job, instance.wishes.coloured ? text : plain(text));
  }
}
