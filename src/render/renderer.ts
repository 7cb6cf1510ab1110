// The interface of everything that turns segments into text. The player calls it with the walk's segments and
// the bytes of their ranges. A renderer knows no file and no terminal, and is given the names of jobs.

import type { Heading } from '../linearize/segments.ts';
import type { Build, Job } from '../model/build.ts';

/** Makes text of segments. What it returns may share memory with what it was given. */
export interface Renderer {
  /** A header, a command, an end. */
  heading(segment: Heading): Buffer;
  /** Bytes of a job's log, as many as there are at a time. They are only valid during the call. */
  text(job: Job, bytes: Buffer): Buffer;
  /** The part of an unfinished line that can be shown now: it may be a prompt. */
  partial(): Buffer;
  /** The end: what is still held back. */
  finish(): Buffer;
  /**
   * What comes before all else, where something does.
   * @param part not the whole build is shown, or more than it.
   */
  begin?(build: Build, part: boolean): Buffer;
  /** What comes after finish(), when the build has nothing more to show. */
  end?(build: Build): Buffer;
}

export interface RenderOptions {
  readonly nameOf: (job: Job) => string;
  readonly ascii: boolean;
  /** Colour in what loglin itself prints. */
  readonly colour: boolean;
  /** Job escape sequences that pass. */
  readonly escapes: 'all' | 'colours' | 'none';
  /** Colour in job output that has none of its own: errors, warnings, echoed commands. */
  readonly highlight?: boolean | undefined;
  /** Of a line that is redrawn with `\r`, only its last state is shown. */
  readonly collapse: boolean;
  /** When each job started and how long it took. */
  readonly times: boolean;
  /** The id of the earlier build that a job belongs to, if it is not of the build that is shown. */
  readonly buildOf?: ((job: Job) => string | undefined) | undefined;
}
