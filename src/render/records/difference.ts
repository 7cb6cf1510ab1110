// A target that differs between two builds, as a record of `loglin diff --json` (docs/json.md).

import type { Job } from '../../model/build.ts';
import type { Status } from '../../model/events.ts';
import type { Problem } from '../../problems/problem.ts';
import type { JsonRecord } from './line.ts';
import { problemRecord } from './problem.ts';

/** The source of one side of a difference. */
export interface Origin {
  readonly build: string;
  readonly job: number;
  readonly status: Status | undefined;
}

type Kind = 'same' | 'old' | 'new';

/** A range of lines, with the fields of compare/hunks.ts. */
interface HunkFields {
  readonly from: { readonly line: number; readonly count: number };
  readonly to: { readonly line: number; readonly count: number };
  readonly rough: boolean;
  readonly lines: readonly { readonly kind: Kind; readonly text: string }[];
}

/** A difference, with the fields of compare/target.ts. */
interface DifferenceFields {
  readonly outcome: readonly [string, string] | undefined;
  readonly command: readonly { readonly kind: Kind; readonly text: string }[];
  readonly fresh: readonly Problem[];
  readonly gone: readonly Problem[];
  readonly hunks: readonly HunkFields[];
  readonly added: number;
  readonly removed: number;
  readonly unshown: number;
}

/** What precedes a line in a unified diff. */
export const SIGNS: Readonly<Record<Kind, string>> = { same: ' ', old: '-', new: '+' };

export function differenceRecord(
  name: string,
  from: Origin,
  to: Origin,
  difference: DifferenceFields,
): JsonRecord {
  const { outcome, command, fresh, gone, hunks, added, removed, unshown } = difference;
  return {
    type: 'target',
    name,
    from: originRecord(from),
    to: originRecord(to),
    outcome: outcome ?? null,
    command: command.length === 0 ? null : command,
    new: fresh.map(problemRecord),
    gone: gone.map(problemRecord),
    added,
    removed,
    unshown,
    hunks: hunks.map((hunk) => ({
      from: hunk.from,
      to: hunk.to,
      rough: hunk.rough,
      lines: hunk.lines.map(({ kind, text }) => SIGNS[kind] + text),
    })),
  };
}

const originRecord = ({ build, job, status }: Origin): JsonRecord => ({ build, job, status: status ?? null });

/** A target that exists on one side only. @param build that side's build, if it is a single one. */
export function onlyRecord(
  side: string,
  build: string | undefined,
  { job, name }: { job: Job; name: string },
): JsonRecord {
  return { type: 'only', side, build, job: job.id, name };
}
