// The interface of everything that turns segments into text. The player calls it with the walk's segments and
// the bytes of their ranges. A renderer knows no file and no terminal, and gets the names of jobs from
// outside.

import type { Heading } from '../linearize/segments.ts';
import type { Build, Job } from '../model/build.ts';

/** Turns segments into text. What it returns may share memory with its arguments. */
export interface Renderer {
  /** Renders a header, a command or an end. */
  heading(segment: Heading): Buffer;
  /** Renders some bytes of a job's log. They are valid only during the call. */
  text(job: Job, bytes: Buffer): Buffer;
  /** Returns the part of an unfinished line that can be shown now, since it may be a prompt. */
  partial(): Buffer;
  /** Ends the text and returns what is still held back. */
  finish(): Buffer;
  /**
   * Returns what comes before everything else, if anything does.
   * @param part what is shown is only a part of the build, or more than it.
   */
  begin?(build: Build, part: boolean): Buffer;
  /** Returns what comes after finish(), once the build has nothing more to show. */
  end?(build: Build): Buffer;
}

export interface RenderOptions {
  readonly nameOf: (job: Job) => string;
  readonly ascii: boolean;
  /** Whether text of loglin's own is coloured. */
  readonly colour: boolean;
  /** Which of the jobs' escape sequences pass. */
  readonly escapes: 'all' | 'colours' | 'none';
  /** Whether to colour errors, warnings and echoed commands in job output that has no colours itself. */
  readonly highlight?: boolean | undefined;
  /** Whether only the last state of a line that is redrawn with `\r` is shown. */
  readonly collapse: boolean;
  /** Whether to print when each job started and how long it took. */
  readonly times: boolean;
  /** Returns the id of the earlier build that a job belongs to; undefined for a job of the build shown. */
  readonly buildOf?: ((job: Job) => string | undefined) | undefined;
}
