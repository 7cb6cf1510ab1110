// The records of `loglin show --json` (docs/json.md): the build, headings, text, and the end. `loglin import`
// can recreate the build from them. Pure; knows no renderer and no walk.

import { isUtf8 } from 'node:buffer';
import type { Heading } from '../../linearize/segments.ts';
import { type Build, type Job, type Step, failed, folderOf } from '../../model/build.ts';
import type { BuildStarted } from '../../model/events.ts';
import { unreachable } from '../../model/unreachable.ts';
import type { JsonRecord } from './line.ts';
import { notRemadeRecord } from './notremade.ts';

/** The first record. @param part only some of the build's jobs follow, or also jobs of other builds. */
export function buildRecord(started: BuildStarted, part: boolean): JsonRecord {
  const { id, at, argv, cwd, root, name, revision, coloured, silent, inside } = started;
  return {
    type: 'build',
    id,
    at,
    argv,
    cwd,
    ...(root === undefined ? {} : { root }),
    ...(name === undefined ? {} : { name }),
    ...(revision === undefined ? {} : { revision }),
    ...(coloured ? { coloured } : {}),
    ...(silent ? { silent } : {}),
    ...(inside ? { inside } : {}),
    ...(part ? { part } : {}),
  };
}

/** The last record. It has no status if the build has no end. */
export function endRecord({ jobs, ended, time }: Build): JsonRecord {
  return {
    type: 'end',
    ...ended?.status,
    ...(ended?.interrupted ? { interrupted: true } : {}),
    ms: ended?.t ?? time,
    ended: jobs[0]?.ended ?? null,
  };
}

/** How a job ended, for its `leave` record. */
function endOf(job: Job): JsonRecord {
  const steps = job.steps.flatMap((step) => stepRecord(step));
  return {
    ...job.status,
    failed: failed(job),
    ...(job.ignored ? { ignored: true } : {}),
    ...(job.skipped ? { skipped: true } : {}),
    started: job.started,
    ended: job.ended ?? null,
    ...(steps.length > 0 ? { steps } : {}),
  };
}

function stepRecord({ at, argv, echo, started, ended, status, user, sys, rss }: Step): JsonRecord {
  return {
    argv,
    at,
    ...(echo ? { echo } : {}),
    started,
    ...(ended === undefined ? {} : { ended }),
    ...status,
    ...(user === undefined ? {} : { user }),
    ...(sys === undefined ? {} : { sys }),
    ...(rss === undefined ? {} : { rss }),
  };
}

/** Identifies a job. With `-u`, it names the job's build as well if that is another one. */
export interface Identity extends JsonRecord {
  readonly job: number;
  readonly name: string;
  readonly build?: string;
}

/** A heading. @param identity that of its job. */
export function headingRecord(
  segment: Heading,
  identity: (job: Job) => Identity,
  nameOf: (job: Job) => string,
): JsonRecord {
  if (segment.kind === 'absent') {
    const { name, depth, notRemade } = segment;
    return {
      type: 'absent',
      name,
      depth,
      ...(notRemade ? { unmade: notRemadeRecord(notRemade, nameOf) } : {}),
    };
  }
  const { job } = segment;
  const common = { type: segment.kind, ...identity(job) };
  switch (segment.kind) {
    case 'command':
      return { ...common, argv: segment.step.argv };
    case 'enter': {
      const { depth, notRemade } = segment;
      const { started } = job;
      const why = notRemade ? { unmade: notRemadeRecord(notRemade, nameOf) } : {};
      return { ...common, depth, started, ...folderRecord(job), ...why };
    }
    case 'leave':
      return { ...common, depth: segment.depth, ...endOf(job) };
    case 'resume':
    case 'seen':
      return { ...common, depth: segment.depth };
    default:
      return unreachable(segment);
  }
}

/** A job's text. Bytes that are not UTF-8 are encoded as base64. */
export function textRecord(identity: Identity, bytes: Buffer): JsonRecord {
  const content = isUtf8(bytes) ? { text: bytes.toString() } : { base64: bytes.toString('base64') };
  return { type: 'text', ...identity, ...content };
}

/** A job that ran and has neither text nor a header. */
export function silentRecord(job: Job, identity: Identity): JsonRecord {
  return { type: 'silent', ...identity, ...folderRecord(job), ...endOf(job) };
}

function folderRecord(job: Job): { readonly folder?: string } {
  const folder = folderOf(job);
  return folder === undefined ? {} : { folder };
}
