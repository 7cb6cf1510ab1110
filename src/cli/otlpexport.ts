// `loglin export --otlp URL`: a build as spans, for export; a bundle of its own.

import { createHash } from 'node:crypto';
import os from 'node:os';
import pkg from '../../package.json' with { type: 'json' };
import { type Span, type SpanFacts, spansOf, traceRequest } from '../render/otlp.ts';
import { httpOptions } from '../remote/open.ts';
import { sendTraces, traceParent, tracesUrl } from '../remote/otlp.ts';
import { readSharing } from '../remote/remotes.ts';
import type { Place } from '../store/place.ts';
import { redactText, secretsFrom, secretsOf } from '../store/redact.ts';
import { openNamed } from '../view/viewedbuild.ts';
import { factsOf } from './pushing.ts';
import { warnAll } from './stderr.ts';

/** Spans in a request. Collectors take some MiB. */
const TOGETHER = 1000;

/**
 * Sends a build that has ended to a collector.
 * @param id of a build in the store.
 * @throws Failure if it cannot be read, or if the collector does not take it.
 */
export async function sendSpans(place: Place, id: string, target: string): Promise<void> {
  const url = tracesUrl(target);
  const { project, redact, errors } = await readSharing(place);
  warnAll(errors);
  const { env } = process;
  const secrets = secretsFrom(secretsOf(env), redact);
  const known = factsOf(place, id, { project, branch: undefined, tags: {}, secrets });
  const { recorded, nameOf } = openNamed(place.store, id);
  recorded.logs.close();
  const digits = (word: string, length: number): string =>
    createHash('sha256').update(word).digest('hex').slice(0, length);
  const context = traceParent(env);
  const facts: SpanFacts = {
    id,
    project,
    service: env.OTEL_SERVICE_NAME ?? 'loglin',
    version: pkg.version,
    command: known.command,
    at: known.at,
    result: known.result,
    host: os.hostname(),
    revision: known.revision,
    branch: known.branch,
    url: known.url,
    // The same build has the same trace, however often it is sent.
    trace: context?.trace ?? digits(`${project} ${id}`, 32),
    parent: context?.parent,
    spanId: (word) => digits(`${project} ${id} ${word}`, 16),
    nameOf: (job) => redactText(nameOf(job), secrets),
  };
  await sendTraces(url, requestsOf(spansOf(recorded.build, facts), facts), httpOptions(env), env);
}

function* requestsOf(spans: Iterable<Span>, facts: SpanFacts): Generator<object> {
  let held: Span[] = [];
  for (const span of spans) {
    held.push(span);
    if (held.length < TOGETHER) continue;
    yield traceRequest(held, facts);
    held = [];
  }
  if (held.length > 0) yield traceRequest(held, facts);
}
