// Imports what `go test -json` prints (`go doc test2json`, `go help buildjson`): each package is a job, each
// of its tests, and each build that printed something. Events name their test, so tests that run in parallel
// each keep their own text. Knows no Go code.

import path from 'node:path';
import type { Status } from '../../model/events.ts';
import { type GoModule, folderOf, moduleAt } from '../gomodule.ts';
import { text } from './fields.ts';
import type { EventReader, ImportPlace, StreamKind, Taken } from './kind.ts';
import type { Event } from './lines.ts';
import { type ImportedJob, ImportedRecord } from './record.ts';

/** The actions of tests (Go 1.10 to 1.26) and of builds (Go 1.24). */
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
/** Build events and text have no time. At most this many wait for the first event that has one. */
const MOST_UNTIMED = 10_000;
/** The search for a test's parent cuts its name at no more slashes than this. */
const MOST_PARTS = 1000;

export const goTest: StreamKind = {
  name: 'go-test',
  from: 'go test -json',
  isEvent: (event) => ACTIONS.has(text(event, 'Action') ?? ''),
  reader: (where) => new GoTest(where),
};

interface Package {
  readonly job: ImportedJob;
  /** The tests that have not ended, by name. */
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
  #module: GoModule | undefined;
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
    // Messages of failed builds (before Go 1.24), and output of a program that bypasses the test.
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
    // There is no event for a build that succeeds: one that did not fail has only printed something.
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
   * The job of an event: the test's or the package's. It is the root job's if there is no package (`go tool
   * test2json`).
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
      const parent = this.#parentOf(known, test);
      job = record.start({ name: name === '' ? test : `${name} ${test}`, parent, t, mid: true });
      known.tests.set(test, job);
    }
    return job;
  }

  /** The test that runs this test; for a top-level test, its package. */
  #parentOf({ job, tests }: Package, test: string): ImportedJob {
    let end = test.lastIndexOf('/');
    for (let parts = 0; end > 0 && parts < MOST_PARTS; parts++) {
      const parent = tests.get(test.slice(0, end));
      if (parent) return parent;
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
    const test = text(event, 'Test') ?? '';
    if (status === FAILED) this.#failed = true;
    if (test === '') {
      const build = this.#builds.get(text(event, 'FailedBuild') ?? '');
      if (build) record.link(job, build, t);
      const known = this.#packages.get(text(event, 'Package') ?? '');
      // Tests without an end event end with their package: the one that panicked, and those that waited.
      if (known) {
        for (const open of [...known.tests.values()].reverse()) record.end(open, t, {});
        known.tests.clear();
      }
      if (job === record.root) return;
    }
    record.end(job, t, { status, skipped });
  }
}

/** An event's time, in milliseconds since the epoch. */
function timeOf(event: Event): number | undefined {
  const ms = Date.parse(text(event, 'Time') ?? '');
  return ms >= 0 ? ms : undefined;
}
