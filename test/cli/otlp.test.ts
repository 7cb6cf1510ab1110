// Builds as spans of OpenTelemetry, decoded by its own definitions.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import root from '@opentelemetry/otlp-transformer/build/src/generated/root.js';
import { A, env, machines } from '../rig/machines.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';
import { until } from '../rig/tree.ts';

interface Decoded {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly status: string;
  readonly attributes: Readonly<Record<string, string>>;
}

type Json = Record<string, unknown>;

/** As protobufjs makes them. */
interface MessageType {
  fromObject(json: Json): object;
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): object;
}

/** Its types say less than is there. */
const definitions = root as unknown as {
  readonly opentelemetry: {
    readonly proto: {
      readonly collector: {
        readonly trace: { readonly v1: { readonly ExportTraceServiceRequest: MessageType } };
      };
    };
  };
};

/** What the definitions make of a request. In OTLP's JSON, ids are hexadecimal, unlike other bytes. */
function decoded(text: string): { resource: Json; spans: Decoded[] } {
  const type = definitions.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
  const json = JSON.parse(text, (key, value: unknown) =>
    /^(?:traceId|spanId|parentSpanId)$/.test(key)
      ? Buffer.from(String(value), 'hex').toString('base64')
      : value,
  ) as Json;
  const bytes = type.encode(type.fromObject(json)).finish();
  const back = type.toObject(type.decode(bytes), { longs: String, bytes: String, enums: String }) as {
    resourceSpans: { resource: Json; scopeSpans: { spans: Json[] }[] }[];
  };
  const hex = (value: unknown): string =>
    Buffer.from((value as string | undefined) ?? '', 'base64').toString('hex');
  const spans = back.resourceSpans[0]!.scopeSpans[0]!.spans.map((span) => ({
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: hex(span.parentSpanId),
    name: String(span.name),
    kind: String(span.kind),
    start: BigInt(String(span.startTimeUnixNano)),
    end: BigInt(String(span.endTimeUnixNano)),
    status: String((span.status as Json | undefined)?.code),
    attributes: Object.fromEntries(
      (span.attributes as { key: string; value: Record<string, string> }[]).map(({ key, value }) => [
        key,
        Object.values(value)[0]!,
      ]),
    ),
  }));
  return { resource: back.resourceSpans[0]!.resource, spans };
}

interface Collector {
  readonly url: string;
  readonly got: {
    readonly path: string;
    readonly headers: http.IncomingHttpHeaders;
    readonly body: string;
  }[];
  status: number;
}

async function collector(t: TestContext): Promise<Collector> {
  const got: Collector['got'] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (bytes: Buffer) => (body += bytes.toString()));
    request.on('end', () => {
      got.push({ path: request.url ?? '', headers: request.headers, body });
      response.writeHead(made.status).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const made = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got, status: 200 };
  return made;
}

test('a build is a span, each job one below it; TRACEPARENT is continued', async (t) => {
  const { ci } = machines(t);
  const there = await collector(t);
  const story = new Story('make').make('make').start('sub', { make: 'make' }).make('sub');
  story.start('a.o', { make: 'sub' }).end('a.o', { exit: 1 }).makeEnds('sub').end('sub', { exit: 2 });
  story.start('use-hunter2hunter2', { make: 'make' }).end('use-hunter2hunter2');
  storeBuild(ci.path('.loglin'), story.makeEnds('make').end('make', { exit: 2 }), {
    id: A,
    close: { status: { exit: 2 }, failed: 2 },
  });
  const changes = {
    ...env(ci),
    MY_TOKEN: 'hunter2hunter2',
    OTEL_SERVICE_NAME: 'ci',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b,other=2',
    TRACEPARENT: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`,
  };
  const sent = await ci.loglinBeside(['export', '--otlp', there.url], changes);
  assert.deepEqual([sent.stdout, sent.stderr, sent.status], ['', '', 0]);
  const [request] = there.got;
  assert.equal(request!.path, '/v1/traces');
  assert.deepEqual(
    [request!.headers['content-type'], request!.headers['x-key'], request!.headers.other],
    ['application/json', 'a b', '2'],
  );
  const { resource, spans } = decoded(request!.body);
  assert.match(JSON.stringify(resource), /"service\.name","value":\{"stringValue":"ci"/);
  const [build, sub, object, use] = spans as [Decoded, Decoded, Decoded, Decoded];
  assert.deepEqual(
    spans.map(({ name, kind, status }) => [name, kind, status]),
    [
      ['BUILD p', 'SPAN_KIND_SERVER', 'STATUS_CODE_ERROR'],
      ['sub', 'SPAN_KIND_INTERNAL', 'STATUS_CODE_ERROR'],
      ['a.o', 'SPAN_KIND_INTERNAL', 'STATUS_CODE_ERROR'],
      ['use-[redacted****]', 'SPAN_KIND_INTERNAL', 'STATUS_CODE_OK'],
    ],
  );
  assert.equal(build.parentSpanId, 'cd'.repeat(8));
  assert.equal(sub.parentSpanId, build.spanId);
  assert.equal(object.parentSpanId, sub.spanId);
  assert.equal(use.parentSpanId, build.spanId);
  assert.ok(spans.every(({ traceId }) => traceId === 'ab'.repeat(16)));
  assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, 4);
  assert.ok(spans.every(({ start, end }) => start >= build.start && end >= start && end <= build.end));
  assert.equal(build.start, BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n);
  const { attributes } = build;
  assert.deepEqual(
    [
      attributes['cicd.pipeline.name'],
      attributes['cicd.pipeline.run.id'],
      attributes['cicd.pipeline.result'],
    ],
    ['p', A, 'failure'],
  );
  assert.deepEqual(object.attributes, {
    'cicd.pipeline.task.name': 'a.o',
    'cicd.pipeline.task.run.id': `${A}/2`,
    'cicd.pipeline.task.run.result': 'failure',
    'process.exit.code': '1',
    'loglin.tool': 'make',
    'loglin.output.bytes': '0',
  });
  assert.doesNotMatch(request!.body, /hunter2/);
  // Without it, a trace of its own, the same each time.
  for (let i = 0; i < 2; i++)
    await ci.loglinBeside(['export', '--otlp', `${there.url}/own`], { ...env(ci), TRACEPARENT: undefined });
  const [one, two] = there.got.slice(1).map(({ path, body }) => ({ path, ...decoded(body).spans[0]! }));
  assert.deepEqual([one!.path, one!.parentSpanId, one!.traceId.length], ['/own', '', 32]);
  assert.equal(one!.traceId, two!.traceId);
});

test('a collector that does not take spans is one line, and at the end of a build no line of that', async (t) => {
  const { ci } = machines(t);
  const there = await collector(t);
  ci.write('.loglin.json', JSON.stringify({ project: 'p', otlp: there.url }));
  const built = await ci.loglinBeside(['sh', '-c', 'echo built'], env(ci));
  assert.deepEqual([built.stdout, built.stderr, built.status], ['built\n', '', 0]);
  await until('spans come', () => there.got.length > 0);
  assert.equal(decoded(there.got[0]!.body).spans[0]?.name, 'BUILD p');
  there.status = 400;
  const refused = await ci.loglinBeside(['export', '--otlp', there.url], env(ci));
  assert.match(
    refused.stderr,
    /^loglin: http:\/\/127\.0\.0\.1:\d+\/v1\/traces: does not take the spans: status 400\n$/,
  );
  assert.equal(refused.status, 125);
  await ci.loglinBeside(['true'], env(ci));
  const noted = ci.path('.loglin/otlp-failed');
  await until(
    'the failure is noted',
    () => fs.existsSync(noted) && fs.readFileSync(noted, 'utf8').endsWith('\n'),
  );
  const next = await ci.loglinBeside(['true'], env(ci));
  assert.match(next.stderr, /^loglin: a build was not sent: .*status 400\n$/m);
  for (const [url, said] of [
    ['http://u:geheim@h', /^loglin: h: no credentials in a URL; use OTEL_EXPORTER_OTLP_HEADERS\n$/],
    ['collector', /^loglin: the URL of a collector: want http/],
  ] as const)
    assert.match((await ci.loglinBeside(['export', '--otlp', url], env(ci))).stderr, said);
});
