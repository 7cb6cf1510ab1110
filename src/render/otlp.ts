// A build as spans of OpenTelemetry: one for the build, one for each job, in OTLP's JSON. Attributes have the
// names that the conventions for CI/CD give them.

import { type Build, type Job, failed, succeeded } from '../model/build.ts';
import type { Status } from '../model/events.ts';
import { ROOT } from '../model/ids.ts';
import { statusText } from './formats.ts';

/** What the spans say that is not in the build's jobs. */
export interface SpanFacts {
  readonly id: string;
  readonly project: string;
  readonly service: string;
  readonly version: string;
  readonly command: string;
  /** When the build started, in milliseconds since the epoch. */
  readonly at: number;
  readonly result: 'ok' | 'interrupted' | Status;
  readonly host: string;
  readonly revision: string | undefined;
  readonly branch: string | undefined;
  /** The run of the CI system. */
  readonly url: string | undefined;
  /** 32 hexadecimal digits. */
  readonly trace: string;
  /** 16 hexadecimal digits: the span that the build was started in. */
  readonly parent: string | undefined;
  /** 16 hexadecimal digits for a word, always the same ones. */
  readonly spanId: (word: string) => string;
  /** What of a job's name others may see. */
  readonly nameOf: (job: Job) => string;
}

type Value = string | number | undefined;

const UNSET = 0;
const OK = 1;
const ERROR = 2;
const INTERNAL = 1;
const SERVER = 2;

/** One span in OTLP's JSON. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly object[];
  readonly status: { readonly code: number; readonly message?: string };
}

/** The spans of a build, that of the build itself first. */
export function* spansOf(build: Build, facts: SpanFacts): Generator<Span> {
  const { trace, spanId, at } = facts;
  const nanoseconds = (ms: number): string => String(BigInt(Math.round((at + ms) * 1000)) * 1000n);
  const rootSpan = spanId('build');
  const { result } = facts;
  const whole = result === 'ok' ? 'success' : result === 'interrupted' ? 'cancellation' : 'failure';
  yield {
    traceId: trace,
    spanId: rootSpan,
    ...(facts.parent === undefined ? {} : { parentSpanId: facts.parent }),
    name: `BUILD ${facts.project}`,
    kind: SERVER,
    startTimeUnixNano: nanoseconds(0),
    endTimeUnixNano: nanoseconds(build.time),
    attributes: attributes({
      'cicd.pipeline.name': facts.project,
      'cicd.pipeline.run.id': facts.id,
      'cicd.pipeline.run.url.full': facts.url,
      'cicd.pipeline.result': whole,
      'process.command_line': facts.command,
      'vcs.ref.head.revision': facts.revision,
      'vcs.ref.head.name': facts.branch,
    }),
    status: {
      code: result === 'ok' ? OK : result === 'interrupted' ? UNSET : ERROR,
      ...(typeof result === 'object' ? { message: statusText(result) } : {}),
    },
  };
  for (const job of build.jobs) {
    if (job.id === ROOT) continue;
    const { parent, status } = job;
    yield {
      traceId: trace,
      spanId: spanId(`job ${job.id}`),
      parentSpanId: parent && parent.id !== ROOT ? spanId(`job ${parent.id}`) : rootSpan,
      name: facts.nameOf(job),
      kind: INTERNAL,
      startTimeUnixNano: nanoseconds(job.started),
      endTimeUnixNano: nanoseconds(job.ended ?? build.time),
      attributes: attributes({
        'cicd.pipeline.task.name': facts.nameOf(job),
        'cicd.pipeline.task.run.id': `${facts.id}/${job.id}`,
        'cicd.pipeline.task.run.result': taskResult(job),
        'process.exit.code': status && 'exit' in status ? status.exit : undefined,
        'loglin.tool': job.instance?.tool,
        'loglin.output.bytes': job.size,
      }),
      status: {
        code: failed(job) ? ERROR : status && succeeded(status) ? OK : UNSET,
        ...(failed(job) && status ? { message: statusText(status) } : {}),
      },
    };
  }
}

function taskResult(job: Job): string | undefined {
  if (job.skipped) return 'skip';
  if (job.ended === undefined) return 'cancellation';
  if (job.status === undefined) return undefined;
  return failed(job) ? 'failure' : 'success';
}

/** A request with these spans, as OTLP over HTTP takes it. */
export function traceRequest(spans: readonly Span[], facts: SpanFacts): object {
  const resource = attributes({ 'service.name': facts.service, 'host.name': facts.host });
  const scope = { name: 'loglin', version: facts.version };
  return {
    resourceSpans: [{ resource: { attributes: resource }, scopeSpans: [{ scope, spans }] }],
  };
}

function attributes(values: Readonly<Record<string, Value>>): object[] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (value === undefined) return [];
    // JSON's numbers are too short for 64 bits, so that integers are texts.
    return [{ key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } }];
  });
}
