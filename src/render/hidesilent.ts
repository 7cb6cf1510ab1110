// Only jobs that said something: stands before a renderer, and passes on no heading of a job that has neither text nor a failure. Jobs that
// a silent one leads to stand as deep as the jobs around them that are shown. Knows nothing of how headings look.

import type { Heading } from '../linearize/segments.ts';
import { type Build, type Job, failed } from '../model/build.ts';
import type { Renderer } from './renderer.ts';

const NOTHING = Buffer.alloc(0);

/** A job whose block was begun. */
interface Block {
  readonly entered: Extract<Heading, { kind: 'enter' }>;
  /** That of the block around it; none: it stands on the left. */
  readonly around: Block | undefined;
  /** How deep it is shown; undefined: it is not, so far. */
  depth: number | undefined;
}

export class HideSilent implements Renderer {
  readonly #renderer: Renderer;
  readonly #blocks = new Map<Job, Block>();
  /** By the depth that the walk has them at. */
  readonly #open: Block[] = [];
  /** Whose text or heading came last. */
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
    // It was asked for (-u), and its line says that there is nothing to be read.
    if (segment.kind === 'absent')
      return this.#pass({ ...segment, depth: depthBelow(this.#open[segment.depth - 1]) });
    const { job } = segment;
    if (segment.kind === 'command') return this.#with(this.#say(job), this.#pass(segment));
    if (segment.kind === 'enter') {
      const { depth } = segment;
      const block: Block = { entered: segment, around: this.#open[depth - 1], depth: undefined };
      this.#blocks.set(job, block);
      this.#open.length = Math.min(this.#open.length, Math.max(0, depth));
      this.#open[depth] = block;
      // Live, it may still say something: then its header comes with that.
      return job.size > 0 || segment.unmade ? this.#say(job) : NOTHING;
    }
    const block = this.#blocks.get(job);
    // The wrapped command's own text has no heading.
    if (!block) return segment.kind === 'seen' ? NOTHING : this.#pass(segment);
    if (segment.kind === 'leave' && failed(job)) {
      const entered = this.#say(job);
      return this.#with(entered, this.#pass({ ...segment, depth: block.depth ?? 0 }));
    }
    if (block.depth === undefined) return NOTHING;
    if (segment.kind === 'seen')
      return this.#pass({ ...segment, depth: depthBelow(this.#open[segment.depth - 1]) });
    // Nothing stands between, since what was there is hidden.
    if (segment.kind === 'resume' && this.#last === job) return NOTHING;
    return this.#pass({ ...segment, depth: block.depth });
  }

  text(job: Job, bytes: Buffer): Buffer {
    const entered = this.#say(job);
    this.#last = job;
    return this.#with(entered, this.#renderer.text(job, bytes));
  }

  partial(): Buffer {
    return this.#renderer.partial();
  }

  finish(): Buffer {
    return this.#renderer.finish();
  }

  /** The job is shown: its header, unless that is out. */
  #say(job: Job): Buffer {
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

/** How deep a block stands that is shown inside this one: the blocks around it that are not do not count. */
function depthBelow(around: Block | undefined): number {
  for (let block = around; block; block = block.around) if (block.depth !== undefined) return block.depth + 1;
  return 0;
}
