// What is written for a CI system: the log with its groups, and at its end the failure report, the problems
// that the system's pages show, and how many there are.

import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import { rootFailures } from '../linearize/failures.ts';
import type { Status } from '../model/events.ts';
import { chooseProblems } from '../render/ci/choice.ts';
import { CI_SYSTEMS } from '../render/ci/list.ts';
import { CiLog } from '../render/ci/log.ts';
import type { JobText } from '../render/ci/jobtext.ts';
import type { CiName } from '../render/ci/names.ts';
import { CiRenderer } from '../render/ci/renderer.ts';
import type { Page } from '../render/ci/system.ts';
import { statusText } from '../render/formats.ts';
import type { RenderOptions, Renderer } from '../render/renderer.ts';
import { type ProblemSetting, problemsOfBuild } from '../view/ciproblems.ts';
import type { CiView } from '../render/renderers.ts';
import { type Job, succeeded } from '../model/build.ts';
import { namedForPages } from './checkout.ts';
import { warn } from './stderr.ts';

/** A page is handed over by a program that talks to a server. */
const PAGE_MS = 60_000;
/** So many failed jobs are shown on the build's page. */
const MOST_FAILURES = 20;

export interface CiEnding extends ProblemSetting {
  readonly nameOf: (job: Job) => string;
  readonly status: Status;
}

export class CiOutput implements CiView {
  readonly #log: CiLog;

  constructor(name: CiName, replay: boolean) {
    this.#log = new CiLog(CI_SYSTEMS[name], crypto.randomBytes(8).toString('hex'), replay);
  }

  get replay(): boolean {
    return this.#log.replay;
  }

  get redraws(): boolean {
    return this.#log.system.redraws ?? false;
  }

  /** Takes text of jobs. In a replay nothing in it acts as a command. */
  get text(): JobText {
    return this.#log.text;
  }

  renderer(options: RenderOptions): Renderer {
    return new CiRenderer(this.#log, options);
  }

  inert(renderer: Renderer): Renderer {
    return this.#log.inert(renderer);
  }

  /**
   * Returns what stands below the log.
   * @param report the failure report; '' if there is none.
   * @param ending of a build that was recorded just now; undefined: what it was has been said when it ran.
   */
  end(report: string, ending?: CiEnding): string {
    const text = this.#log.inertText(report);
    const problems = ending && !ending.build.ended?.interrupted ? this.#problems(ending) : '';
    if (text === '' && problems === '') return '';
    const between = text === '' || problems === '' ? '' : '\n';
    return `${this.#log.tail()}${text}${between}${problems}`;
  }

  #problems(ending: CiEnding): string {
    const { system } = this.#log;
    const { problems, isNew } = problemsOfBuild(ending, warn);
    const chosen = chooseProblems(problems, isNew, (severity) => this.#log.room(severity));
    const { count } = chosen;
    const shown = chosen.shown.map(namedForPages(system, ending.place.root));
    if (system.page && shown.length > 0)
      handOver(system.page(shown, count, process.env.BUILDKITE_JOB_ID ?? ''));
    return [
      this.#failures(ending),
      this.#log.annotations(shown),
      count === '' ? '' : this.#log.inertText(`${count}; see loglin problems\n`),
    ].join('');
  }

  #failures({ build, status, nameOf }: CiEnding): string {
    const { system } = this.#log;
    if (succeeded(status)) return '';
    return rootFailures(build)
      .slice(0, MOST_FAILURES)
      .map((job) => `${nameOf(job)}${job.status ? ` (${statusText(job.status)})` : ''}`)
      .map((text) => system.failure?.(text) ?? '')
      .join('');
  }
}

/** Runs the program that takes a page. A build does not fail because its page cannot be shown. */
function handOver({ argv: [program = '', ...args], input }: Page): void {
  const { error, status, stderr } = spawnSync(program, args, {
    input,
    stdio: ['pipe', 'ignore', 'pipe'],
    timeout: PAGE_MS,
    encoding: 'utf8',
  });
  if (error && 'code' in error && error.code === 'ENOENT') return;
  if (error) warn(`${program}: ${error.message}`);
  else if (status !== 0)
    warn(`${program}: ${stderr.trim().split('\n').at(-1) ?? ''} (exit ${String(status)})`);
}
