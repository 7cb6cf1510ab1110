// Why jobs ran, as text: either a target with its reasons below it, down to the root causes, or the root
// causes with what each of them set off. Pure: the reasons, the names and the commands are given.

import { type Causes, type Effect, type Reason, keyOf } from '../linearize/causes.ts';
import { type Job, failed } from '../model/build.ts';
import { escapeName } from '../model/printable.ts';
import { unreachable } from '../model/unreachable.ts';
import { type Paint, duration, namesText, painter, statusText } from './formats.ts';

export interface WhyOptions {
  readonly nameOf: (job: Job) => string;
  readonly ascii: boolean;
  readonly colour: boolean;
  /** Returns how a job's command differs from its last one, a line per difference; empty if unknown. */
  readonly commandChange: (job: Job) => readonly string[];
}

/** A tree is not printed deeper than this. */
const DEEPEST = 200;

class WhyWriter {
  readonly #out: string[] = [];
  readonly #options: WhyOptions;
  readonly #causes: Causes;
  readonly paint: Paint;
  readonly #seen = new Set<Job>();

  constructor(causes: Causes, options: WhyOptions) {
    this.#causes = causes;
    this.#options = options;
    this.paint = painter(options.colour);
  }

  get text(): string {
    return this.#out.map((line) => `${line}\n`).join('');
  }

  add(depth: number, text: string): void {
    this.#out.push('  '.repeat(depth) + text);
  }

  /**
   * Adds a job and, below it, what it set off, each job once. @param selfMs a job's own time in milliseconds.
   */
  setOff(
    job: Job,
    depth: number,
    dependents: ReadonlyMap<Job, readonly Job[]>,
    selfMs: (job: Job) => number,
  ): void {
    const name = escapeName(this.#options.nameOf(job));
    if (this.#seen.has(job)) {
      this.add(depth, this.paint('2', `${name} (above)`));
      return;
    }
    this.#seen.add(job);
    const took = job.ended === undefined ? '' : `  ${duration(selfMs(job))}`;
    this.add(depth, name + this.#end(job) + this.paint('2', took));
    if (depth >= DEEPEST) return;
    for (const next of dependents.get(job) ?? []) this.setOff(next, depth + 1, dependents, selfMs);
  }

  /** The exit status of a failed job, else ''. */
  #end(job: Job): string {
    return failed(job) && job.status ? this.paint('1;31', ` (${statusText(job.status)})`) : '';
  }

  /** Adds the target that the user asked about. @param job the job that made it, if it ran. */
  head(name: string, job: Job | undefined): void {
    this.add(0, this.paint('1', escapeName(name)) + (job ? this.#end(job) : ''));
  }

  /** Adds the reasons for the line above, indented below it. */
  reasons(reasons: readonly Reason[], depth: number): void {
    for (const alike of this.#grouped(reasons)) {
      const [first] = alike;
      if (first?.kind !== 'need') {
        if (first) this.#root(first, depth);
        continue;
      }
      const jobs = alike.flatMap((reason) => (reason.kind === 'need' ? [reason.job] : []));
      const list = namesText(jobs.map(this.#options.nameOf));
      const known = jobs.every((job) => this.#seen.has(job));
      for (const job of jobs) this.#seen.add(job);
      this.add(depth, `${this.#arrow} ${list}${known ? this.paint('2', ' (above)') : ''}`);
      if (!known && depth < DEEPEST) this.reasons(this.#causes.of(first.job), depth + 1);
    }
  }

  #root(root: Exclude<Reason, { kind: 'need' }>, depth: number): void {
    const { nameOf, commandChange } = this.#options;
    const line = (text: string): void => {
      this.add(depth, `${this.#arrow} ${text}`);
    };
    switch (root.kind) {
      case 'file':
        line(`${this.paint('1', escapeName(root.name))} changed`);
        return;
      case 'missing':
        line('it was not there');
        return;
      case 'command':
        line('its command changed');
        for (const change of commandChange(root.job)) this.add(depth + 1, change);
        return;
      case 'always':
        line(`${escapeName(root.name)} is made each time`);
        return;
      case 'launched':
        line(`run by ${escapeName(nameOf(root.by))}`);
        return;
      case 'said':
        for (const text of root.text.split('\n')) line(escapeName(text));
        return;
      case 'unknown':
        line(silent(root.job));
        for (const change of commandChange(root.job)) this.add(depth + 1, change);
        return;
      default:
        unreachable(root);
    }
  }

  get #arrow(): string {
    return this.#options.ascii ? '<-' : '←';
  }

  /** Groups jobs that ran for the same reasons, in the order of each group's first job. */
  #grouped(reasons: readonly Reason[]): Reason[][] {
    const groups = new Map<string, Reason[]>();
    for (const reason of reasons) {
      const causes = reason.kind === 'need' ? this.#causes.of(reason.job) : [];
      const key = reason.kind === 'need' ? `need: ${causes.map(keyOf).join(', ')}` : keyOf(reason);
      const same = groups.get(key);
      if (same) same.push(reason);
      else groups.set(key, [reason]);
    }
    return [...groups.values()];
  }
}

const silent = ({ instance }: Job): string => `${escapeName(instance?.tool ?? 'its tool')} does not say why`;

/** A target and, below it, why it ran. @param job the job that made it; undefined if only its needs ran. */
export function whyText(
  name: string,
  job: Job | undefined,
  reasons: readonly Reason[],
  causes: Causes,
  options: WhyOptions,
): string {
  const lines = new WhyWriter(causes, options);
  lines.head(name, job);
  lines.reasons(reasons, 0);
  return lines.text;
}

/** The forest of a build, root causes first. */
export function whyTree(
  effects: readonly Effect[],
  dependents: ReadonlyMap<Job, readonly Job[]>,
  selfMs: (job: Job) => number,
  causes: Causes,
  options: WhyOptions,
): string {
  const lines = new WhyWriter(causes, options);
  for (const { root, first, jobs, ms, alone } of effects) {
    const only = alone === jobs ? '' : `, ${alone} of them for no other reason`;
    const count = `${jobs} ${jobs === 1 ? 'job' : 'jobs'}, ${duration(ms)}${only}`;
    lines.add(0, `${lines.paint('1', rootText(root, options))}  ${lines.paint('2', count)}`);
    if (root.kind === 'command') for (const change of options.commandChange(root.job)) lines.add(1, change);
    for (const job of first) lines.setOff(job, 1, dependents, selfMs);
  }
  return lines.text;
}

/** A root cause as a heading. */
function rootText(root: Exclude<Reason, { kind: 'need' }>, { nameOf }: WhyOptions): string {
  switch (root.kind) {
    case 'file':
      return `${escapeName(root.name)} changed`;
    case 'missing':
      return 'targets that were not there';
    case 'command':
      return `the command of ${escapeName(nameOf(root.job))} changed`;
    case 'always':
      return `${escapeName(root.name)} is made each time`;
    case 'launched':
      return `run by ${escapeName(nameOf(root.by))}`;
    case 'said':
      return escapeName(root.text.split('\n')[0] ?? '');
    case 'unknown':
      return silent(root.job);
    default:
      return unreachable(root);
  }
}
