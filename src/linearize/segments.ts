// What the walk says: headers and ranges of logs. Only at the end of the way are ranges turned into bytes.

import type { Job, Step } from '../model/build.ts';
import type { ByteOffset } from '../model/ids.ts';
import type { Unmade } from './unmade.ts';

export type Segment =
  /**
   * The job's block begins. `unmade`: it is of an earlier build, and this one perhaps ought to have made it
   * anew; `around`: that is so of a block around it, for the same failures.
   */
  | {
      readonly kind: 'enter';
      readonly job: Job;
      readonly depth: number;
      readonly unmade?: Unmade;
      readonly around?: true;
    }
  /** Bytes of the job's own log. */
  | { readonly kind: 'range'; readonly job: Job; readonly from: ByteOffset; readonly to: ByteOffset }
  /** Bytes of the job follow a nested block. */
  | { readonly kind: 'resume'; readonly job: Job; readonly depth: number }
  /** One of its commands starts here, and its log does not say so. Only if asked for. */
  | { readonly kind: 'command'; readonly job: Job; readonly step: Step }
  /** The job's block ends; the job has ended, or is known to have no more to say. */
  | { readonly kind: 'leave'; readonly job: Job; readonly depth: number }
  /** A job that was shown above. Only if asked for. */
  | { readonly kind: 'seen'; readonly job: Job; readonly depth: number }
  /** A need that did not run in this build, and of which there is no earlier log. Only if asked for. */
  | { readonly kind: 'absent'; readonly name: string; readonly depth: number; readonly unmade?: Unmade };

/** Everything but a range: what has no bytes to be read. */
export type Heading = Exclude<Segment, { kind: 'range' }>;
