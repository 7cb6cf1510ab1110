// Sends spans to a collector of OpenTelemetry: OTLP over HTTP, as JSON. Knows what the variables of
// OpenTelemetry say, and nothing of spans.

import { Failure } from '../model/failure.ts';
import { HttpClient, type HttpOptions, networkReason } from './http.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where spans go.
 * @throws Failure if it is no URL, or if it holds credentials.
 */
export function tracesUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new Failure('the URL of a collector: want http://host:4318 or https://host/path');
  if (url.username !== '' || url.password !== '')
    throw new Failure(`${url.host}: no credentials in a URL; use OTEL_EXPORTER_OTLP_HEADERS`);
  if (url.pathname === '/') url.pathname = '/v1/traces';
  return url;
}

/** The trace that TRACEPARENT says we are in, and the span; undefined if it says none. */
export function traceParent({
  TRACEPARENT: text = '',
}: Environment): { readonly trace: string; readonly parent: string } | undefined {
  const [, trace = '', parent = ''] =
    /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/.exec(text) ?? [];
  return /[1-9a-f]/.test(trace) && /[1-9a-f]/.test(parent) ? { trace, parent } : undefined;
}

/** OTEL_EXPORTER_OTLP_HEADERS: `name=value,…`, percent-encoded. */
function headersOf({ OTEL_EXPORTER_OTLP_HEADERS: text = '' }: Environment): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const part of text.split(',')) {
    const [, name, value = ''] = /^\s*([\w.-]+)\s*=\s*(.*?)\s*$/.exec(part) ?? [];
    if (name === undefined) continue;
    try {
      headers[name.toLowerCase()] = decodeURIComponent(value);
    } catch {
      throw new Failure(`OTEL_EXPORTER_OTLP_HEADERS: ${name}: want a percent-encoded value`);
    }
  }
  return headers;
}

/**
 * Sends requests, one after the other.
 * @throws Failure if the collector does not take one of them.
 */
export async function sendTraces(
  url: URL,
  requests: Iterable<object>,
  options: HttpOptions,
  env: Environment,
): Promise<void> {
  const client = new HttpClient(options);
  const headers = { ...headersOf(env), 'content-type': 'application/json' };
  const where = `${url.protocol}//${url.host}${url.pathname}`;
  try {
    for (const one of requests) {
      const body = Buffer.from(JSON.stringify(one));
      const request = { method: 'POST' as const, url, headers, body };
      const answer = await client
        .request(() => Promise.resolve(request))
        .catch((error: unknown) => {
          throw new Failure(`${where}: ${networkReason(error)}`);
        });
      if (answer.status < 200 || answer.status > 299)
        throw new Failure(`${where}: does not take the spans: status ${answer.status}`);
      const rejected = /"rejectedSpans"\s*:\s*"?([1-9]\d*)/.exec(answer.body.toString())?.[1];
      if (rejected !== undefined) throw new Failure(`${where}: rejected ${rejected} spans`);
    }
  } finally {
    client.close();
  }
}
