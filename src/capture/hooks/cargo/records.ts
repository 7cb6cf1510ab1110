// Turns the records of rustc's shim (rustc.sh, wire.ts) into jobs. rustc's output is in a file of the
// workspace, which is read as it grows. cargo's copy of it is removed from cargo's text. Knows no JSON and no
// names.

import fs from 'node:fs';
import path from 'node:path';
import type { Job, Writer } from '../../jobs.ts';
import { isPlainName } from '../../spooled.ts';
import type { Slot } from '../../slot.ts';
import { type Fields, statusOf } from '../../wire.ts';
import type { Handlers, Hook, Recording } from '../hook.ts';
import { Instances } from '../instances.ts';
import { CargoInstance } from './instance.ts';
import { plain, renderLine } from './messages.ts';
import { inspectCargo, isGone, optionsOf } from './processes.ts';
import { readScriptRun } from './scripts.ts';
import { type Unit, unitOf } from './units.ts';

const NEWLINE = 0x0a;
/** The interval at which it is checked whether a cargo still runs. */
const LOOK_MS = 50;
/** cargo's status lines, right-aligned: `   Compiling util v0.1.0`. */
const STATUS = /^ {0,11}[A-Z][a-z]+ /;

/** A crate that is being compiled. */
interface Crate {
  readonly job: Job;
  readonly instance: CargoInstance;
  /** The file with rustc's output. */
  readonly copy: string;
  readonly fd: number | undefined;
  /** An unfinished line. */
  rest: Buffer;
}

const buffer = Buffer.allocUnsafe(64 * 1024);

export class CargoRecords implements Hook {
  readonly handlers: Handlers = {
    C: (record) => this.#compiles(record),
    D: (record) => this.#compiled(record),
  };
  readonly #recording: Recording;
  /** The cargos by process id. */
  readonly #instances: Instances<CargoInstance>;
  readonly #crates = new Map<string, Crate>();
  /** How many bytes of each slot's text are still held, since they may be the start of an expected text. */
  readonly #open = new Map<Slot, number>();
  #looked = 0;
  #notedRerun = false;

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#instances = new Instances(recording);
  }

  poll(): void {
    for (const crate of this.#crates.values()) this.#read(crate);
    if (Date.now() - this.#looked < LOOK_MS) return;
    this.#looked = Date.now();
    for (const instance of this.#instances.running()) if (isGone(instance)) this.#end(instance);
  }

  unclaimed(slot: Slot, text: Buffer, by: Writer | undefined): Buffer {
    const instances = this.#instances.inSlot(slot);
    if (by || instances.length === 0) return text;
    for (const crate of this.#crates.values()) this.#read(crate);
    let rest = text;
    let open = 0;
    for (const { expected } of instances) {
      const cut = expected.cut(rest);
      rest = cut.rest;
      open = Math.max(open, cut.open);
    }
    // Only once: if no more comes, it is not an expected text.
    const again = this.#open.get(slot) === text.length;
    this.#open.delete(slot);
    if (open === 0 || again || slot.atEnd || this.#recording.isOver()) return rest;
    this.#open.set(slot, open);
    slot.hold(Buffer.from(rest.subarray(rest.length - open)));
    return rest.subarray(0, rest.length - open);
  }

  jobEnded(job: Job): void {
    for (const [wireId, crate] of this.#crates) if (crate.job === job) this.#close(wireId, crate);
    for (const instance of this.#instances.takeOf(job)) this.#end(instance);
  }

  finish(): void {
    for (const instance of this.#instances.running()) this.#end(instance);
  }

  // -- cargo processes --------------------------------------------------------------------------------------

  #instanceOf(record: Fields<'C'>): CargoInstance {
    const { pid, redirected, place, cwd } = record;
    const known = this.#instances.get(pid);
    if (known && !known.ended && !isGone(known)) return known;
    if (known) this.#end(known);
    const { jobs, slots } = this.#recording;
    const found = inspectCargo(Number(pid), cwd);
    const start = {
      job: jobs.byPlace(place),
      t: jobs.now(),
      argv: found.argv,
      slot: redirected === '0' ? slots.ofPlace(place) : undefined,
      piped: redirected === 'p',
    };
    const { termColour, noColour, forceColour } = record;
    const options = optionsOf(found.argv, { termColour, never: noColour !== '', force: forceColour });
    const instance = new CargoInstance(this.#recording, start, Number(pid), found, options);
    instance.emitStart(found.cwd);
    this.#instances.add(pid, instance);
    return instance;
  }

  #end(instance: CargoInstance): void {
    if (instance.ended) return;
    const { jobs, flush } = this.#recording;
    const { id, slot, nodes } = instance;
    if (slot) {
      slot.read(true);
      flush(slot);
    }
    if (id !== undefined) jobs.emitGraph(id, nodes, []);
    this.#instances.end(instance);
  }

  // -- crates -----------------------------------------------------------------------------------------------

  #compiles(record: Fields<'C'>): undefined {
    const { jobs, workspace } = this.#recording;
    const { job: wireId, packageName, manifestDir, binName, outDir, argv } = record;
    const unit = unitOf(argv, { packageName, binName, outDir });
    if (!isPlainName(wireId) || this.#crates.has(wireId)) return;
    const copy = workspace.path(`m.${wireId}`);
    if (!unit) {
      fs.rmSync(copy, { force: true });
      return;
    }
    const instance = this.#instanceOf(record);
    if (instance.slot) this.#placeStatus(instance.slot);
    if (unit.buildScript) instance.scripts.set(manifestDir, unit.target);
    const script = this.#scriptRun(instance, unit, packageName, manifestDir);
    const job = this.#start(instance, unit.name, unit.target, [...script, ...unit.needs], jobs.now(), wireId);
    jobs.step(job, { t: jobs.now(), argv });
    this.#crates.set(wireId, {
      job,
      instance,
      copy,
      fd: this.#openCopy(`m.${wireId}`),
      rest: Buffer.alloc(0),
    });
  }

  #start(
    instance: CargoInstance,
    name: string,
    target: string,
    needs: readonly string[],
    t: number,
    wireId?: string,
  ): Job {
    const { id, job: parent, slot, piped, nodes } = instance;
    nodes.push({ name: target, needs, recipe: true });
    const start = { name, target, parent, instance: id, t, needs: needs.join(' '), redirected: !slot, piped };
    return this.#recording.jobs.start(start, wireId);
  }

  /**
   * Moves cargo's status lines so far to the log, before the crate's place. Other text may be a crate's, and
   * stays held.
   */
  #placeStatus(slot: Slot): void {
    slot.read(true);
    const held = slot.takeHeld();
    let at = 0;
    for (let end = held.indexOf(NEWLINE); end >= 0; end = held.indexOf(NEWLINE, at)) {
      if (!STATUS.test(plain(held.subarray(at, end)).toString('latin1'))) break;
      at = end + 1;
    }
    const { jobs } = this.#recording;
    jobs.append(slot.job ?? jobs.root, held.subarray(0, at));
    slot.hold(held.subarray(at));
  }

  /**
   * Makes a job of the run of a build script that a crate needs, if it printed something.
   * @returns the name of the run, or of the script, as the crate's need.
   */
  #scriptRun(instance: CargoInstance, unit: Unit, packageName: string, manifestDir: string): string[] {
    const folder = unit.scriptFolder;
    const compiled = instance.scripts.get(manifestDir);
    const none = compiled === undefined || unit.buildScript ? [] : [compiled];
    if (folder === undefined) return none;
    const { jobs } = this.#recording;
    const target = path.basename(folder);
    if (instance.looked.has(folder))
      return instance.nodes.some(({ name }) => name === target) ? [target] : none;
    instance.looked.add(folder);
    const run = readScriptRun(folder, instance.started);
    if (!run) return none;
    if (run.rerunsForUs) this.#noteRerun(packageName);
    if (run.text.length === 0 || instance.options.scriptsShown || !instance.slot) return none;
    const time = (ms: number): number => jobs.time(String(ms * 1000));
    const job = this.#start(instance, `${packageName} (build script run)`, target, none, time(run.started));
    jobs.append(job, run.text);
    jobs.setStatus(job, { exit: 0 }, time(run.ended));
    jobs.end(job);
    return [target];
  }

  #noteRerun(packageName: string): void {
    if (this.#notedRerun) return;
    this.#notedRerun = true;
    this.#recording.jobs.note(
      `the build script of ${packageName} runs again where RUSTC_WRAPPER changes, and loglin sets it; --no-hooks=cargo does not`,
    );
  }

  #compiled({ job: wireId, status: code }: Fields<'D'>): undefined {
    const { jobs } = this.#recording;
    const crate = this.#crates.get(wireId);
    if (!crate) return;
    const { job } = crate;
    this.#close(wireId, crate);
    const status = statusOf(code, 'shell');
    if (status) jobs.exited(job, { status, t: jobs.now() });
    jobs.end(job);
  }

  #close(wireId: string, crate: Crate): void {
    this.#read(crate);
    if (crate.rest.length > 0) this.#append(crate, crate.rest);
    this.#crates.delete(wireId);
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

  /** Reads what rustc has printed since the last call. */
  #read(crate: Crate): void {
    if (crate.fd === undefined) return;
    for (;;) {
      const n = fs.readSync(crate.fd, buffer, 0, buffer.length, null);
      if (n === 0) return;
      const bytes = Buffer.concat([crate.rest, buffer.subarray(0, n)]);
      let at = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
        this.#append(crate, bytes.subarray(at, end));
        at = end + 1;
      }
      crate.rest = bytes.subarray(at);
    }
  }

  #append({ job, instance }: Crate, line: Buffer): void {
    const text = instance.slot && renderLine(line);
    if (!text) return;
    instance.expected.add(text);
    this.#recording.jobs.append(job, instance.options.coloured ? text : plain(text));
  }
}
