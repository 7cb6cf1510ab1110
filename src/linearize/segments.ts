// The output of the walk: headers and ranges of logs. Ranges are turned into bytes only at the very end.

import type { Job, Step } from '../model/build.ts';
import type { ByteOffset } from '../model/ids.ts';
import type { NotRemade } from './notremade.ts';

export type Segment =
  /**
   * The job's block begins. `notRemade`: the job is of an earlier build, and this build perhaps should have
   * made its target again. `around`: an enclosing block was not remade because of the same failures.
   */
  | {
      readonly kind: 'enter';
      readonly job: Job;
      readonly depth: number;
      readonly notRemade?: NotRemade;
      readonly around?: true;
    }
  /** Bytes of the job's own log. */
  | { readonly kind: 'range'; readonly job: Job; readonly from: ByteOffset; readonly to: ByteOffset }
  /** More bytes of the job follow a nested block. */
  | { readonly kind: 'resume'; readonly job: Job; readonly depth: number }
  /** A command starts here that the log does not show. Only on request. */
  | { readonly kind: 'command'; readonly job: Job; readonly step: Step }
  /** The job's block ends. The job has ended, or is known to have no more output. */
  | { readonly kind: 'leave'; readonly job: Job; readonly depth: number }
  /** A job that was shown above. Only on request. */
  | { readonly kind: 'seen'; readonly job: Job; readonly depth: number }
  /** A need that did not run in this build and has no earlier log. Only on request. */
  | {
      readonly kind: 'absent';
      readonly name: string;
      readonly depth: number;
      readonly notRemade?: NotRemade;
    };

/** Every segment except ranges: those without bytes to read. */
export type Heading = Exclude<Segment, { kind: 'range' }>;

/** Where segments come from: a walk. */
export interface Segments {
  /** Returns the next one; 'wait' if there is none yet; 'done' after the last. */
  next(): Segment | 'wait' | 'done';
}

/** The segments of a walk that need not wait. */
export function* segmentsOf(segments: Segments): Iterable<Segment> {
  for (let segment = segments.next(); typeof segment !== 'string'; segment = segments.next()) yield segment;
}
