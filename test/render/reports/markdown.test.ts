// The markdown of a build, as a renderer reads it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marked } from 'marked';
import type { Job } from '../../../src/model/build.ts';
import type { FoundProblem } from '../../../src/problems/problemlist.ts';
import { MOST_SUMMARY, markdown } from '../../../src/render/reports/markdown.ts';
import type { BuildReport } from '../../../src/render/reports/report.ts';
import type { Failed } from '../../../src/render/report.ts';
import { extract } from '../../rig/problem-logs.ts';
import { Story } from '../../rig/story.ts';

const { build } = new Story('make').start('bad').step('bad', 'cc -c x.c').end('bad', { exit: 2 });
const JOB: Job = build.jobs[1]!;

const HOSTILE = [
  '`x`',
  '``` y ```',
  '</code><img src=x onerror=alert(1)>',
  '<!-- -->',
  '[a](http://b.example)',
  '**c** _d_ @someone #12',
  '| e | \\| f \\\\| g |',
  '&lt;h&gt; &amp;',
  'www.i.example j@k.example',
  '   # l',
  '~~~',
].join(' ');

const problem = (text: string, message?: string): FoundProblem => {
  const [found] = extract(Buffer.from(text));
  return { problem: { ...found!, ...(message === undefined ? {} : { message }) }, jobs: [JOB, JOB] };
};

const failure = (name: string, lines: readonly string[]): Failed => ({
  job: JOB,
  name,
  showName: name,
  path: ['all', name],
  lines,
  error: undefined,
  also: ['other'],
});

const BUILD: BuildReport = {
  version: '1.2.3',
  nameOf: ({ name }) => name,
  problems: [problem('y.c:1:2: error: second\n')],
  id: 'ID',
  command: 'make -j4',
  at: 0,
  ms: 12_300,
  status: { exit: 2 },
  stopped: false,
  ran: [],
  jobs: 37,
  failed: 3,
  alone: 1,
  failures: [failure('app/x.o', ['x.c:1:2: error: oops', '\t1 | <oops>'])],
  commandLog: [],
  fresh: [problem('z.c:3:4: warning: unused [-Wunused]\n')],
  compared: true,
  slowest: [
    { name: 'lto', ms: 9000, before: 8000 },
    { name: 'new.o', ms: 800, before: undefined },
  ],
  before: { ms: 10_200, status: { exit: 0 } },
};

test('markdown: the verdict, each failure with its error, new warnings, the slowest, the time before', () => {
  assert.equal(
    markdown(BUILD),
    `## ✗ \`make -j4\` failed (exit 2)

3 of 37 jobs failed, 1 by itself, in 12.30s; 2.10s (21 %) more than the last time. \`loglin show -b ID\` has the log.

### ✗ \`app/x.o\` (exit 2)

\`all\` → \`app/x.o\`

\`also in 1 other job: other\`

\`\`\`text
$ 'cc -c x.c'
x.c:1:2: error: oops
    1 | <oops>
\`\`\`

### 1 more error

- \`y.c:1:2: error: second\` in 2 jobs

### 1 new warning

- \`z.c:3:4: warning: unused [-Wunused]\` in 2 jobs

### Slowest

| job | time | last time |
|---|--:|--:|
| \`lto\` | 9.00s | 8.00s |
| \`new.o\` | 0.80s |  |
`,
  );
});

test('markdown: a build that ended well, one that was stopped, one whose command failed without a job', () => {
  const good = { ...BUILD, status: { exit: 0 }, failed: 0, alone: 0, failures: [], problems: [], fresh: [] };
  assert.match(
    markdown({ ...good, before: { ms: 12_301, status: { exit: 1 } } }),
    /^## ✓ `make -j4` ok\n\n37 jobs, in 12\.30s; as long as the last time, which failed\. `loglin/,
  );
  assert.match(
    markdown({ ...good, status: { signal: 2 }, stopped: true, before: undefined }),
    /^## ✗ `make -j4` stopped \(SIGINT\)\n\n37 jobs, in 12\.30s\. /,
  );
  assert.match(
    markdown({ ...good, status: { exit: 2 }, commandLog: ['no rule'] }),
    /\n```text\nno rule\n```\n\n### Slowest/,
  );
});

test('markdown: nothing that comes from a build is markup', () => {
  const hostile = markdown({
    ...BUILD,
    command: HOSTILE,
    failures: [{ ...failure(HOSTILE, [HOSTILE, '```', '~~~', HOSTILE]), also: [HOSTILE] }],
    problems: [problem('y.c:1: error: x\n', HOSTILE)],
    fresh: [problem('y.c:1: warning: x\n', HOSTILE)],
    slowest: [{ name: HOSTILE, ms: 1000, before: 1 }],
  });
  const html = marked.parse(hostile, { async: false, gfm: true });
  const tags = new Set([...html.matchAll(/<\/?([a-z][a-z0-9]*)[^>]*>/g)].map(([, name]) => name));
  const ours = ['h2', 'h3', 'p', 'code', 'pre', 'ul', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td'];
  assert.deepEqual(
    [...tags].filter((tag) => !ours.includes(tag!)),
    [],
  );
  const unescaped = (text: string): string =>
    text
      .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&');
  const shown = [...html.matchAll(/<code(?: class="language-text")?>([^]*?)<\/code>/g)].map(([, text]) =>
    unescaped(text!),
  );
  assert.ok(shown.filter((text) => text.includes(HOSTILE)).length >= 7, html);
  assert.equal(html.match(/<h[1-6]/g)?.length, 5);
  assert.equal(html.match(/<tr>/g)?.length, 2);
  assert.equal(html.match(/<td/g)?.length, 3);
});

test('markdown: 20,000 problems, and failures that are long, are kept within the limit', () => {
  const long = problem(`${'dir/'.repeat(30)}f.c:1:1: warning: ${'w'.repeat(900)}\n`);
  const many = Array.from({ length: 20_000 }, () => long);
  const page = markdown({ ...BUILD, fresh: many, problems: many });
  assert.ok(Buffer.byteLength(page) < 64 * 1024);
  assert.match(page, /\n\nand 19950 more: `loglin problems -b ID --warnings --new`\n/);
  const failures = Array.from({ length: 20 }, (_, i) =>
    failure(
      `${i}`,
      Array.from({ length: 400 }, () => 'x'.repeat(400)),
    ),
  );
  const large = markdown({ ...BUILD, failures });
  assert.ok(Buffer.byteLength(large) <= MOST_SUMMARY);
  assert.match(large, /\nMore than fits here: `loglin show -b ID --failed`\n$/);
  for (const most of [10, 60, 200, 400, 600]) assert.ok(Buffer.byteLength(markdown(BUILD, most)) <= most);
  assert.match(markdown(BUILD, 260), /^## [^#]*\n\nMore than fits here: /);
  assert.equal(markdown(BUILD, 10), '');
});
