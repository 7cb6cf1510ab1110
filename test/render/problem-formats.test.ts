// GitHub annotations and SARIF.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { ValidateFunction } from 'ajv';
import { github } from '../../src/render/ci/github.ts';
import type { Problem } from '../../src/problems/problem.ts';
import { ProblemList } from '../../src/problems/problemlist.ts';
import { sarif } from '../../src/render/reports/sarif.ts';
import { extract, recordedLogs } from '../rig/problem-logs.ts';
import { Story } from '../rig/story.ts';

const require = createRequire(import.meta.url);

/** The schema of SARIF 2.1.0 from schemastore, which code scanning validates against. */
function sarifValidator(): ValidateFunction {
  const Ajv = require('ajv') as typeof import('ajv');
  const ajv = new Ajv({ schemaId: 'auto', allErrors: true });
  ajv.addMetaSchema(require('ajv/lib/refs/json-schema-draft-04.json') as object);
  return ajv.compile(require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json') as object);
}

interface Sarif {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly message: { readonly text: string };
      readonly locations: readonly {
        readonly physicalLocation?: {
          readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string };
        };
      }[];
      readonly partialFingerprints: Readonly<Record<string, string>>;
    }[];
  }[];
}

function sarifOf(...logs: readonly Buffer[]): string {
  const story = new Story('make');
  const all = new ProblemList();
  for (const [i, bytes] of logs.entries()) {
    story.start(`t${i}`);
    for (const problem of extract(bytes)) all.add(story.build.jobs[story.id(`t${i}`)]!, problem);
  }
  return [...sarif({ problems: all.list(), version: '1.2.3', nameOf: (job) => job.name })].join('');
}

test('SARIF of every recorded log conforms to the schema', () => {
  const valid = sarifValidator();
  const text = sarifOf(...recordedLogs().map(({ bytes }) => bytes));
  const log = JSON.parse(text) as Sarif;
  assert.ok(valid(log), JSON.stringify(valid.errors?.slice(0, 3)));
  const run = log.runs[0]!;
  assert.ok(run.results.length > 200);
  for (const { ruleId, ruleIndex } of run.results) assert.equal(run.tool.driver.rules[ruleIndex]?.id, ruleId);
  const prints = run.results.map(({ partialFingerprints }) => partialFingerprints['loglin/v1']);
  assert.equal(new Set(prints).size, prints.length);
  assert.equal(sarifOf(...recordedLogs().map(({ bytes }) => bytes)), text);
});

test('SARIF without problems, with odd names, with unknown places', () => {
  const valid = sarifValidator();
  const empty: unknown = JSON.parse(sarifOf());
  assert.ok(valid(empty), JSON.stringify(valid.errors));
  const odd = sarifOf(
    Buffer.from(
      'a b/c#%?ü.c:1: error: \x01x\n/usr/x y.h:0:7: warning: z [-Wq"]\nerror: no place\n../up.c:3: error: u\n',
    ),
    Buffer.from([0x66, 0xff, 0x2e, 0x63, ...Buffer.from(':1: error: w\n')]),
  );
  const log = JSON.parse(odd) as Sarif;
  assert.ok(valid(log), JSON.stringify(valid.errors));
  assert.deepEqual(
    log.runs[0]!.results.map(({ locations }) => locations[0]?.physicalLocation?.artifactLocation),
    [
      { uri: 'a%20b/c%23%25%3F%C3%BC.c', uriBaseId: 'PROJECTROOT' },
      undefined,
      { uri: '../up.c', uriBaseId: 'PROJECTROOT' },
      { uri: 'f%EF%BF%BD.c', uriBaseId: 'PROJECTROOT' },
      { uri: 'file:///usr/x%20y.h' },
    ],
  );
});

test('the SARIF fingerprint does not depend on the line', () => {
  const prints = (text: string): unknown =>
    (JSON.parse(sarifOf(Buffer.from(text))) as Sarif).runs[0]!.results.map((one) => one.partialFingerprints);
  assert.deepEqual(
    prints('a.c:1: error: x\na.c:7: error: x\n'),
    prints('a.c:5: error: x\na.c:99: error: x\n'),
  );
});

test('GitHub annotations escape like the toolkit', () => {
  const shown = (problem: Problem): string => github.problem!(problem).replace(/\n$/, '');
  const annotation = (text: string): string => shown(extract(Buffer.from(text))[0]!);
  assert.equal(
    annotation('a,b/c%d.c:3:5: warning: 100% of x::y, z [-Wall,x]\n'),
    '::warning file=a%2Cb/c%25d.c,line=3,col=5,title=cc%3A -Wall%2Cx::100%25 of x::y, z',
  );
  assert.equal(annotation('error: nowhere\n'), '::error title=other::nowhere');
  const [problem] = extract(Buffer.from('a.c:1: error: x\n'));
  assert.equal(shown({ ...problem!, message: 'a\r\nb' }), '::error file=a.c,line=1,title=cc::a%0D%0Ab');
  assert.equal(
    shown({
      ...problem!,
      file: 'a\x1b\n::error::\u202e.c',
      tool: 'c\x07',
      message: '\x1b[31m::error::100%',
    }),
    String.raw`::error file=a\x1b%0A%3A%3Aerror%3A%3A\u202e.c,line=1,title=c\x07::\x1b[31m::error::100%25`,
  );
});
