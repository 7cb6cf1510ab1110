// A build's log in a CI system: what its text, its lines and its end have in common. Knows neither
// environment nor files.

import type { Build, Job } from '../../model/build.ts';
import type { Problem, Severity } from '../../problems/problem.ts';
import type { Renderer } from '../renderer.ts';
import { InertText, type JobText, PassingText } from './jobtext.ts';
import type { CiSystem, Watch } from './system.ts';

const EMPTY = Buffer.alloc(0);

export class CiLog {
  readonly system: CiSystem;
  /** The build was recorded: what its jobs print was obeyed when they ran. */
  readonly replay: boolean;
  /** Takes the text of jobs. */
  readonly text: JobText;
  readonly #nonce: string;
  readonly #watch: Watch | undefined;
  #groups = 0;

  /** @param nonce lower case letters and digits that occur in no text. */
  constructor(system: CiSystem, nonce: string, replay: boolean) {
    this.system = system;
    this.replay = replay;
    this.#nonce = nonce;
    this.#watch = replay ? undefined : system.watch();
    this.text = this.#watch ? new PassingText(this.#watch) : new InertText(system, nonce);
  }

  /** Makes all that a renderer of a recorded build prints inert. */
  inert(renderer: Renderer): Renderer {
    return new InertRenderer(renderer, new InertText(this.system, this.#nonce));
  }

  nextId(): string {
    return `${this.#nonce}_${this.#groups++}`;
  }

  /** Returns lines in which nothing acts as a command. @param text ends with a newline, or is ''. */
  inertText(text: string): string {
    const inert = new InertText(this.system, this.#nonce);
    return Buffer.concat([inert.push(Buffer.from(text)), inert.end()]).toString();
  }

  /** Returns a part of a line in which no part acts as a command. */
  inertLine(text: string): string {
    return Buffer.from(this.system.inert(Buffer.from(text).toString('latin1'), false), 'latin1').toString();
  }

  /** How many more problems of a severity the system would show. */
  room(severity: Severity): number {
    return Math.max(0, this.system.most - (this.#watch?.used[severity] ?? 0));
  }

  /** Problems as lines for the log. */
  annotations(problems: readonly Problem[]): string {
    return problems.map((problem) => this.system.problem?.(problem) ?? '').join('');
  }

  /** The header of what stands at the end, which must not be in the last group. */
  tail(): string {
    const title = 'loglin';
    return this.system.groups === 'endless'
      ? (this.system.begin({ id: this.nextId(), title }, 0, true) ?? '')
      : '';
  }
}

class InertRenderer implements Renderer {
  readonly #renderer: Renderer;
  readonly #text: InertText;

  constructor(renderer: Renderer, text: InertText) {
    this.#renderer = renderer;
    this.#text = text;
  }

  begin(build: Build, part: boolean): Buffer {
    return this.#text.push(this.#renderer.begin?.(build, part) ?? EMPTY);
  }

  heading(segment: Parameters<Renderer['heading']>[0]): Buffer {
    return this.#text.push(this.#renderer.heading(segment));
  }

  text(job: Job, bytes: Buffer): Buffer {
    return this.#text.push(this.#renderer.text(job, bytes));
  }

  partial(): Buffer {
    return this.#text.push(this.#renderer.partial());
  }

  finish(): Buffer {
    return Buffer.concat([this.#text.push(this.#renderer.finish()), this.#text.end()]);
  }

  end(build: Build): Buffer {
    return this.#renderer.end?.(build) ?? EMPTY;
  }
}
