// What `go test -json` prints (`go doc test2json`, `go help buildjson`): a job for each package, for each
// test below it, and for each build that said something. Tests that run in parallel are told apart by the
// events, so each has its own text. Knows no Go code.

import path from 'node:path';
import type { Status } from '../../model/events.ts';
import { readStart } from '../../store/plainfile.ts';
import { text } from './fields.ts';
import type { EventReader, ImportPlace, Kind, Taken } from './kind.ts';
import type { Event } from './lines.ts';
import { type ImportedJob, ImportedRecord } from './record.ts';

/** Of tests (Go 1.10 to 1.26) and of builds (Go 1.24). */
const ACTIONS = new Set([
  'start',
  'run',
  'pause',
  'cont',
  'pass',
  'bench',
  'fail',
  'output',
  'skip',
  'attr',
  'artifacts',
  'build-output',
  'build-fail',
]);
/** Builds are told of without a time, and text has none: so much of that waits for an event that has one. */
const MOST_UNTIMED = 10_000;
/** Names of tests are not cut at more slashes than that to find the test above. */
const MOST_PARTS = 1000;
/** A go.mod is looked at up to this size, in bytes. */
const MOST_GO_MOD = 64 * 1024;

export const goTest: Kind = {
  name: 'go-test',
  from: 'go test -json',
  isEvent: (event) => ACTIONS.has(text(event, 'Action') ?? ''),
  reader: (where) => new GoTest(where),
};

interface Package {
  readonly job: ImportedJob;
  /** Those that have not ended. */
  readonly tests: Map<string, ImportedJob>;
}

const PASSED: Status = { exit: 0 };
const FAILED: Status = { exit: 1 };

class GoTest implements EventReader {
  record: ImportedRecord | undefined;
  readonly #where: ImportPlace;
  readonly #packages = new Map<string, Package>();
  readonly #builds = new Map<string, ImportedJob>();
  readonly #untimed: (Event | string)[] = [];
  #module: Module | undefined;
  #failed = false;

  constructor(where: ImportPlace) {
    this.#where = where;
  }

  take(event: Event): Taken {
    const action = text(event, 'Action');
    if (action === undefined || !ACTIONS.has(action)) return 'unknown';
    const at = timeOf(event);
    if (!this.record && at === undefined && this.#untimed.length < MOST_UNTIMED) {
      this.#untimed.push(event);
      return 'taken';
    }
    return this.#take(this.record ?? this.#begin(at), action, event, at);
  }

  text(line: string): boolean {
    // Builds of Go before 1.24 that failed, and what a program prints past the test.
    if (!this.record && this.#untimed.length < MOST_UNTIMED) {
      this.#untimed.push(line);
      return true;
    }
    const record = this.record ?? this.#begin(undefined);
    record.text(record.root, Buffer.from(line));
    return true;
  }

  finish(stopped: boolean): { truncated: boolean } {
    if (!this.record && this.#untimed.some((one) => typeof one !== 'string')) this.#begin(undefined);
    const { record } = this;
    if (!record) return { truncated: false };
    const t = record.last;
    const open = [...this.#packages.values()].some(({ job }) => !job.ended && job !== record.root);
    if (stopped || open) {
      record.leaveOpen();
      return { truncated: true };
    }
    // What did not fail has succeeded, and said something all the same.
    for (const job of this.#builds.values()) record.end(job, t, { status: PASSED });
    record.close(t, this.#failed ? FAILED : PASSED);
    return { truncated: false };
  }

  #begin(at: number | undefined): ImportedRecord {
    const { place, cwd } = this.#where;
    this.#module = moduleAt(path.resolve(place.root, cwd), cwd);
    const record = new ImportedRecord(place.store, {
      at: at ?? Date.now(),
      argv: ['go', 'test', '-json'],
      cwd,
      root: place.root,
    });
    this.record = record;
    for (const one of this.#untimed.splice(0))
      if (typeof one === 'string') record.text(record.root, Buffer.from(one));
      else this.#take(record, text(one, 'Action') ?? '', one, undefined);
    return record;
  }

  #take(record: ImportedRecord, action: string, event: Event, at: number | undefined): Taken {
    const t = at === undefined ? record.last : Math.max(0, at - record.at);
    if (action.startsWith('build-')) return this.#build(record, action, event, t);
    const job = this.#jobOf(record, action, event, t);
    switch (action) {
      case 'output': {
        const output = text(event, 'Output');
        if (output === undefined) return 'damaged';
        record.text(job, Buffer.from(output));
        return 'taken';
      }
      case 'pass':
      case 'bench':
      case 'skip':
        this.#end(record, event, job, t, PASSED, action === 'skip');
        return 'taken';
      case 'fail':
        this.#end(record, event, job, t, FAILED, false);
        return 'taken';
      default:
        return 'taken';
    }
  }

  #build(record: ImportedRecord, action: string, event: Event, t: number): Taken {
    const name = text(event, 'ImportPath');
    const output = text(event, 'Output');
    if (name === undefined || (action === 'build-output' && output === undefined)) return 'damaged';
    let job = this.#builds.get(name);
    if (!job) {
      job = record.start({ name: `build ${name}`, parent: record.root, t, mid: true });
      this.#builds.set(name, job);
    }
    if (action === 'build-output') record.text(job, Buffer.from(output ?? ''));
    else if (action === 'build-fail') {
      this.#failed = true;
      record.end(job, t, { status: FAILED });
    }
    return 'taken';
  }

  /**
   * The job that an event is of: the test's, the package's, or the root job's where there is no package (of
   * `go tool test2json`).
   */
  #jobOf(record: ImportedRecord, action: string, event: Event, t: number): ImportedJob {
    const name = text(event, 'Package') ?? '';
    const test = text(event, 'Test') ?? '';
    let known = this.#packages.get(name);
    const again = action === 'start' || action === 'run';
    if (!known || (known.job.ended && known.job !== record.root && again)) {
      const job =
        name === ''
          ? record.root
          : record.start({ name, parent: record.root, t, mid: true, folder: folderOf(this.#module, name) });
      known = { job, tests: new Map() };
      this.#packages.set(name, known);
    }
    if (test === '') return known.job;
    let job = known.tests.get(test);
    if (!job || (job.ended && action === 'run')) {
      const parent = this.#above(known, test);
      job = record.start({ name: name === '' ? test : `${name} ${test}`, parent, t, mid: true });
      known.tests.set(test, job);
    }
    return job;
  }

  /** The test that a test was run by; else its package. */
  #above({ job, tests }: Package, test: string): ImportedJob {
    let end = test.lastIndexOf('/');
    for (let parts = 0; end > 0 && parts < MOST_PARTS; parts++) {
      const above = tests.get(test.slice(0, end));
      if (above) return above;
      end = test.lastIndexOf('/', end - 1);
    }
    return job;
  }

  #end(
    record: ImportedRecord,
    event: Event,
    job: ImportedJob,
    t: number,
    status: Status,
    skipped: boolean,
  ): void {
    const ofTest = text(event, 'Test') ?? '';
    if (status === FAILED) this.#failed = true;
    if (ofTest === '') {
      const build = this.#builds.get(text(event, 'FailedBuild') ?? '');
      if (build) record.link(job, build, t);
      const known = this.#packages.get(text(event, 'Package') ?? '');
      // What ended with it, and was not told of: the test that panicked, and those that waited.
      if (known) {
        for (const test of [...known.tests.values()].reverse()) record.end(test, t, {});
        known.tests.clear();
      }
      if (job === record.root) return;
    }
    record.end(job, t, { status, skipped });
  }
}

/** When an event was, in milliseconds since the epoch. */
function timeOf(event: Event): number | undefined {
  const ms = Date.parse(text(event, 'Time') ?? '');
  return ms >= 0 ? ms : undefined;
}

/** The Go module that the import was called in: its packages' folders are known by its name. */
interface Module {
  readonly name: string;
  /** Relative to the project root, or absolute. */
  readonly folder: string;
}

function moduleAt(folder: string, shown: string): Module | undefined {
  try {
    const source = readStart(path.join(folder, 'go.mod'), MOST_GO_MOD).toString();
    const [, name] = /^module[ \t]+"?([^\s"]+)/m.exec(source) ?? [];
    return name === undefined ? undefined : { name, folder: shown };
  } catch {
    // Somewhere else: then file names are shown as they are.
    return undefined;
  }
}

/** Where a package's files are; undefined where that is not known. */
function folderOf(module: Module | undefined, name: string): string | undefined {
  if (!module || (name !== module.name && !name.startsWith(`${module.name}/`))) return undefined;
  const below = name.slice(module.name.length + 1);
  if (below.split('/').some((part) => part === '.' || part === '..')) return undefined;
  const folder = path.posix.join(module.folder, below);
  return folder === '.' ? '' : folder;
}
