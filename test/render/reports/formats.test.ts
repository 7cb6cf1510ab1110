// The reports: each against its schema, and by a reader that others have written.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { createRequire } from 'node:module';
import { test, type TestContext } from 'node:test';
import { diagnosticSchema } from '@umbrelladocs/rdformat-validator';
import { parse } from 'junit2json';
import { type Job } from '../../../src/model/build.ts';
import { ProblemList } from '../../../src/problems/problemlist.ts';
import type { Problem } from '../../../src/problems/problem.ts';
import { BUILD_REPORTS } from '../../../src/render/reports/formats.ts';
import type { BuildFormat } from '../../../src/render/reports/names.ts';
import type { BuildReport, Ran } from '../../../src/render/reports/report.ts';
import type { Failed } from '../../../src/render/report.ts';
import { extract, recordedLogs } from '../../rig/problem-logs.ts';
import { Story } from '../../rig/story.ts';
import { needs } from '../../rig/tree.ts';

const require = createRequire(import.meta.url);

/** What a name or a message can hold. */
const HOSTILE = 'a"<b>&\'\x00\x01\x1b[31m\x7f\ud800\ufffe\u202e]]>\r\n\té\u{1f600}|`*_';

const story = new Story('make').start('ok').end('ok').start('bad').end('bad', { exit: 2 });
const job = (name: string): Job => story.build.jobs[story.id(name)]!;

const ran = (name: string, more: Partial<Ran> = {}): Ran => ({
  name,
  parent: 'make',
  ms: 1234,
  outcome: 'ok',
  because: [],
  failure: undefined,
  status: { exit: 0 },
  ...more,
});

function problemsOf(...problems: readonly Problem[]): ProblemList {
  const list = new ProblemList();
  for (const problem of problems) list.add(job('ok'), problem);
  return list;
}

function report(more: Partial<BuildReport> = {}): BuildReport {
  return {
    version: '1.2.3',
    nameOf: ({ name }) => name,
    problems: [],
    id: 'ID',
    command: 'make -j4',
    at: Date.UTC(2026, 0, 2, 3, 4, 5),
    ms: 12_345,
    status: { exit: 0 },
    stopped: false,
    ran: [],
    jobs: 0,
    failed: 0,
    alone: 0,
    failures: [],
    commandLog: [],
    fresh: [],
    compared: true,
    slowest: [],
    before: undefined,
    ...more,
  };
}

const failure = (name: string, more: Partial<Failed> = {}): Failed => ({
  job: job('bad'),
  name,
  showName: name,
  path: ['all', name],
  lines: ['x.c:1:2: error: oops', '    1 | <oops> & "more"'],
  error: extract(Buffer.from('x.c:1:2: error: oops\n'))[0],
  also: [],
  ...more,
});

const text = (format: BuildFormat, build: BuildReport): string => [...BUILD_REPORTS[format](build)].join('');

/** The problems of all recorded logs of real tools, and hostile ones. */
function manyProblems(): ProblemList {
  const [plain] = extract(Buffer.from('x.c:1:2: error: oops\n'));
  const hostile = { ...plain!, file: HOSTILE, message: HOSTILE, tool: HOSTILE, code: HOSTILE };
  const note = { file: HOSTILE, line: 3, column: undefined, message: HOSTILE };
  return problemsOf(
    { ...hostile, notes: [note] },
    { ...hostile, line: undefined, column: undefined },
    { ...hostile, file: undefined, severity: 'warning' },
    { ...hostile, line: 7 },
    ...recordedLogs().flatMap(({ bytes }) => extract(bytes)),
  );
}

/** Checks a document against a schema of this folder. */
function checkXml(t: TestContext, schema: string, document: string): boolean {
  if (!needs(t, 'xmllint')) return false;
  const file = path.join(import.meta.dirname, schema);
  const { status, stderr } = spawnSync('xmllint', ['--noout', '--nonet', '--schema', file, '-'], {
    input: document,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return true;
}

const JUNIT = report({
  command: HOSTILE,
  status: { exit: 2 },
  ran: [
    ran('ok'),
    ran('skips', { outcome: 'skipped' }),
    ran('dir/bad', { outcome: 'failed', status: { exit: 2 }, failure: failure('dir/bad', { also: ['c'] }) }),
    ran(HOSTILE, {
      outcome: 'failed',
      status: { signal: 11 },
      failure: failure(HOSTILE, { lines: [HOSTILE], error: undefined }),
    }),
    ran('more', { outcome: 'failed', status: { exit: 1 } }),
    ran('all', { outcome: 'failed', because: ['dir/bad', HOSTILE], status: { exit: 2 } }),
    ran('hangs', { outcome: 'stopped', status: undefined }),
  ],
});

test('JUnit conforms to its schema, and a reader finds each job and its failure', async (t) => {
  const document = text('junit', JUNIT);
  const suites = await parse(document);
  const [suite] = suites && 'testsuite' in suites ? (suites.testsuite ?? []) : [];
  assert.deepEqual(
    [suite?.tests, suite?.failures, suite?.errors, suite?.skipped, suite?.time],
    [7, 3, 1, 2, 12.345],
  );
  const cases = suite?.testcase ?? [];
  assert.deepEqual(
    cases.map(({ name }) => name),
    ['ok', 'skips', 'dir/bad', cases[3]?.name, 'more', 'all', 'hangs'],
  );
  assert.match(cases[3]?.name ?? '', /^a"<b>&'\\x00\\x01\\x1b\[31m\\x7f\\ud800.*\\u202e\]\]>\\r\\n\\té/);
  const [bad] = cases[2]?.failure ?? [];
  assert.deepEqual(bad, {
    type: 'exit 2',
    message: 'x.c:1:2: error: oops',
    inner: 'x.c:1:2: error: oops\n    1 | <oops> & "more"\nalso in 1 other job: c',
  });
  assert.equal(cases[4]?.failure?.[0]?.message, 'exit 1');
  assert.match(cases[5]?.skipped?.[0]?.message ?? '', /^failed because of dir\/bad, a"/);
  assert.deepEqual(cases[6]?.error?.[0]?.type, 'not ended');
  if (!checkXml(t, 'junit.xsd', document)) return;
  checkXml(t, 'junit.xsd', text('junit', report()));
  const [, , one] = JUNIT.ran;
  const twice = text('junit', report({ ran: [one!, one!] }));
  assert.throws(() => checkXml(t, 'junit.xsd', twice), /Duplicate key-sequence/);
});

test('checkstyle conforms to its schema: of every recorded log, of hostile text, of nothing', (t) => {
  const problems = manyProblems().list();
  const document = text('checkstyle', report({ problems }));
  assert.equal(document.match(/<error /g)?.length, problems.length);
  assert.match(
    document,
    / {4}<error line="1" column="2" severity="error" message="a&quot;&lt;b&gt;&amp;'\\x00/,
  );
  if (checkXml(t, 'checkstyle.xsd', document)) checkXml(t, 'checkstyle.xsd', text('checkstyle', report()));
});

test('rdjsonl conforms to the schema of a validator of reviewdog’s format', () => {
  const Ajv = require('ajv') as typeof import('ajv');
  const valid = new Ajv({ allErrors: true }).compile(diagnosticSchema);
  const problems = manyProblems().list();
  const lines = text('rdjsonl', report({ problems })).split('\n');
  assert.equal(lines.pop(), '');
  assert.equal(lines.length, problems.length);
  for (const line of lines) {
    const diagnostic = JSON.parse(line) as { location?: unknown };
    // reviewdog takes one without a location; the validator does not.
    if (diagnostic.location === undefined) continue;
    assert.ok(valid(diagnostic), `${JSON.stringify(valid.errors?.slice(0, 3))}\n${line}`);
  }
  assert.equal(text('rdjsonl', report()), '');
});

/** What GitLab reads of a report (Code Quality report format). */
const CODE_QUALITY = {
  type: 'array',
  items: {
    type: 'object',
    required: ['description', 'check_name', 'fingerprint', 'severity', 'location'],
    additionalProperties: false,
    properties: {
      description: { type: 'string' },
      check_name: { type: 'string' },
      fingerprint: { type: 'string', minLength: 16 },
      severity: { enum: ['info', 'minor', 'major', 'critical', 'blocker'] },
      location: {
        type: 'object',
        required: ['path', 'lines'],
        properties: {
          path: { type: 'string', pattern: '^[^/]' },
          lines: { type: 'object', required: ['begin'], properties: { begin: { type: 'integer' } } },
        },
      },
    },
  },
};

test('code quality has what GitLab reads, and fingerprints that are unique and do not depend on the line', () => {
  const Ajv = require('ajv') as typeof import('ajv');
  const valid = new Ajv({ allErrors: true }).compile(CODE_QUALITY);
  const findings = (list: ProblemList): { fingerprint: string; location: { path: string } }[] =>
    JSON.parse(text('codequality', report({ problems: list.list() }))) as ReturnType<typeof findings>;
  const all = findings(manyProblems());
  const inside = all.filter(({ location }) => !location.path.startsWith('/'));
  assert.ok(inside.length > 200);
  assert.ok(valid(inside), JSON.stringify(valid.errors?.slice(0, 3)));
  assert.equal(new Set(all.map((one) => one.fingerprint)).size, all.length);
  const at = (...lines: readonly number[]): string[] =>
    findings(
      problemsOf(...extract(Buffer.from(lines.map((line) => `a.c:${line}:1: warning: w\n`).join('')))),
    ).map((one) => one.fingerprint);
  assert.deepEqual(at(1, 7), at(5, 99));
  assert.deepEqual(JSON.parse(text('codequality', report())), []);
});

test('no half of a surrogate pair is in any report', () => {
  const build = {
    ...JUNIT,
    problems: manyProblems().list(),
    fresh: manyProblems().list(),
    failures: [failure(HOSTILE)],
  };
  for (const format of ['junit', 'checkstyle', 'markdown'] as const)
    assert.doesNotMatch(text(format, build), /\p{Cs}/u, format);
  const strings = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : typeof value === 'object' && value
        ? Object.values(value).flatMap(strings)
        : [];
  const documents = [
    text('sarif', build),
    text('codequality', build),
    ...text('rdjsonl', build).trim().split('\n'),
  ];
  const all = documents.flatMap((document) => strings(JSON.parse(document)));
  assert.ok(all.length > 1000);
  for (const one of all) assert.doesNotMatch(one, /\p{Cs}/u);
});
