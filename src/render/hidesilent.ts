// Hides silent jobs: wraps a renderer, and drops the headings of jobs that neither printed anything nor
// failed. Jobs launched by a hidden job are indented as if that job were not there. Does not know what
// headings look like.

import type { Heading } from '../linearize/segments.ts';
import { ROOT } from '../model/ids.ts';
import { type Build, type Job, failed } from '../model/build.ts';
import type { Renderer } from './renderer.ts';

/** How many of a build's jobs hiding leaves out: they neither printed anything nor failed. */
export function silentJobs({ jobs }: Build): number {
  return jobs.filter((job) => job.id !== ROOT && job.size === 0 && !failed(job)).length;
}

const NOTHING = Buffer.alloc(0);

/** The block of a job that has begun. */
interface Block {
  readonly entered: Extract<Heading, { kind: 'enter' }>;
  /** The enclosing block; undefined at the top level. */
  readonly around: Block | undefined;
  /** The depth at which it is shown; undefined while it is hidden. */
  depth: number | undefined;
}

export class HideSilent implements Renderer {
  readonly #renderer: Renderer;
  readonly #blocks = new Map<Job, Block>();
  /** The open blocks, indexed by their depth in the walk. */
  readonly #open: Block[] = [];
  /** The job of the last text or heading. */
  #last: Job | undefined;

  constructor(renderer: Renderer) {
    this.#renderer = renderer;
  }

  begin(build: Build, part: boolean): Buffer {
    return this.#renderer.begin?.(build, part) ?? NOTHING;
  }

  end(build: Build): Buffer {
    return this.#renderer.end?.(build) ?? NOTHING;
  }

  heading(segment: Heading): Buffer {
    // The user asked for this target (-u), and its line says that there is no log.
    if (segment.kind === 'absent')
      return this.#pass({ ...segment, depth: depthBelow(this.#open[segment.depth - 1]) });
    const { job } = segment;
    if (segment.kind === 'command') return this.#with(this.#showJob(job), this.#pass(segment));
    if (segment.kind === 'enter') {
      const { depth } = segment;
      const block: Block = { entered: segment, around: this.#open[depth - 1], depth: undefined };
      this.#blocks.set(job, block);
      this.#open.length = Math.min(this.#open.length, Math.max(0, depth));
      this.#open[depth] = block;
      // In a live display the job may still print something; its header is then printed first.
      return job.size > 0 || segment.notRemade ? this.#showJob(job) : NOTHING;
    }
    const block = this.#blocks.get(job);
    // The wrapped command's own text has no heading.
    if (!block) return segment.kind === 'seen' ? NOTHING : this.#pass(segment);
    if (segment.kind === 'leave' && failed(job)) {
      const entered = this.#showJob(job);
      return this.#with(entered, this.#pass({ ...segment, depth: block.depth ?? 0 }));
    }
    if (block.depth === undefined) return NOTHING;
    if (segment.kind === 'seen')
      return this.#pass({ ...segment, depth: depthBelow(this.#open[segment.depth - 1]) });
    // Everything between the two parts is hidden.
    if (segment.kind === 'resume' && this.#last === job) return NOTHING;
    return this.#pass({ ...segment, depth: block.depth });
  }

  text(job: Job, bytes: Buffer): Buffer {
    const entered = this.#showJob(job);
    this.#last = job;
    return this.#with(entered, this.#renderer.text(job, bytes));
  }

  partial(): Buffer {
    return this.#renderer.partial();
  }

  finish(): Buffer {
    return this.#renderer.finish();
  }

  /** Shows the job: prints its header unless that has been printed before. */
  #showJob(job: Job): Buffer {
    const block = this.#blocks.get(job);
    if (!block || block.depth !== undefined) return NOTHING;
    block.depth = depthBelow(block.around);
    return this.#pass({ ...block.entered, depth: block.depth });
  }

  #pass(segment: Heading): Buffer {
    if ('job' in segment) this.#last = segment.job;
    return this.#renderer.heading(segment);
  }

  #with(before: Buffer, text: Buffer): Buffer {
    return before.length > 0 ? Buffer.concat([before, text]) : text;
  }
}

/** The depth of a block directly inside this one. Hidden blocks do not count. */
function depthBelow(around: Block | undefined): number {
  for (let block = around; block; block = block.around) if (block.depth !== undefined) return block.depth + 1;
  return 0;
}
