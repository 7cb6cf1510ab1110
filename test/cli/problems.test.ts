// loglin problems on stored builds, called as by a user.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import type { JobId } from '../../src/model/ids.ts';
import { logFile } from '../../src/store/layout.ts';
import { LOGLIN_BIN, type Outcome, Sandbox } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';

const A = '20260101-000000000-aaaa';
const B = '20260102-000000000-bbbb';
const C = '20260103-000000000-cccc';

const HEADER = 'parts.h:3:5: warning: unused ‘x’ [-Wunused]\n    3 | int x;\n      |     ^\n';

/** The build that most tests use. */
function story(): Story {
  const one = new Story('make').make('make', ['all']);
  one.start('src/b.o', { make: 'make' }).step('src/b.o', 'cc -c b.c', true).say('src/b.o', HEADER);
  one.say('src/b.o', 'src/b.c:7:1: error: \x1b[1moops\x1b[0m, 100%\n').end('src/b.o', { exit: 1 });
  one.say('src/b.o', 'make: *** [Makefile:1: src/b.o] Error 1\n');
  one.start('src/a.o', { make: 'make' }).say('src/a.o', HEADER).end('src/a.o');
  one.start('quiet', { make: 'make' }).say('quiet', 'make: *** [Makefile:9: quiet] Error 3\n');
  one.end('quiet', { exit: 3 });
  one.graph('make', { all: 'src/a.o src/b.o quiet', 'src/a.o': '', 'src/b.o': '', quiet: '' });
  return one.say('make', 'make: *** [Makefile:1: all] Error 2\n').makeEnds('make').end('make', { exit: 2 });
}

const ERRORS = `src/b.c:7:1: error: oops, 100% (src/b.o)
Makefile:9: error: quiet: Error 3 (quiet)
`;
const WARNING = 'parts.h:3:5: warning: unused ‘x’ [-Wunused] (src/a.o, in 2 jobs)\n';

const box = new Sandbox();
const store = box.path('.loglin');
before(() => {
  // a.o printed the same in the build before the last but one, and did not run in the last.
  const first = new Story('make').make('make', ['all']);
  first.start('src/a.o', { make: 'make' }).say('src/a.o', HEADER.replaceAll('3', '33')).end('src/a.o');
  storeBuild(store, first.makeEnds('make').end('make'), { id: A });
  const second = new Story('make').make('make', ['all']).start('quiet', { make: 'make' });
  second.say('quiet', 'make: *** [Makefile:99: quiet] Error 3\n').end('quiet', { exit: 3 });
  storeBuild(store, second.makeEnds('make').end('make'), { id: B });
  storeBuild(store, story(), { id: C });
});
after(() => {
  box.remove();
});

function problems(...args: string[]): Outcome {
  return box.loglin(['problems', ...args]);
}

function stdout(...args: string[]): string {
  const { status, stdout: text, stderr } = problems(...args);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return text;
}

test('errors come first, each once, in the order of show', () => {
  assert.equal(stdout(), ERRORS + WARNING);
});

test('problems are limited to those below a target, to errors or to warnings', () => {
  assert.equal(stdout('a.o'), WARNING.replace(', in 2 jobs', ''));
  assert.equal(stdout('--errors'), ERRORS);
  assert.equal(stdout('--warnings'), WARNING);
  assert.equal(stdout('--errors', '--warnings'), ERRORS + WARNING);
  assert.equal(stdout('-b', A), WARNING.replace('3:5', '33:5').replace(', in 2 jobs', ''));
  assert.match(problems('nothing').stderr, /^loglin: nothing: no such target in this build/);
});

test('--snippets prints escaped lines of the log', () => {
  assert.equal(
    stdout('--snippets', 'src/b.o'),
    `src/b.c:7:1: error: oops, 100% (src/b.o)
  src/b.c:7:1: error: oops, 100%

parts.h:3:5: warning: unused ‘x’ [-Wunused] (src/b.o)
  parts.h:3:5: warning: unused ‘x’ [-Wunused]
      3 | int x;
        |     ^

`,
  );
});

test('--new leaves out problems of the build before or of the last log of a target, even if lines have moved', () => {
  assert.equal(stdout('--new'), 'src/b.c:7:1: error: oops, 100% (src/b.o)\n');
  const first = problems('--new', '-b', A);
  assert.equal(first.stdout, WARNING.replace('3:5', '33:5').replace(', in 2 jobs', ''));
  assert.equal(first.stderr, `loglin: there is no build before ${A}: all its problems are new\n`);
});

test('--exit-code gives 1 if there are errors', () => {
  assert.equal(problems('--exit-code').status, 1);
  assert.equal(problems('--exit-code', '--new', 'quiet').status, 0);
  assert.equal(problems('--exit-code', 'a.o').status, 0);
});

test('--json has the documented fields', () => {
  const lines = stdout('--json', '--snippets', 'src/b.o').trimEnd().split('\n');
  const log = fs.readFileSync(logFile(`${store}/builds/${C}`, 1 as JobId), 'utf8');
  const [error, warning] = lines.map((line) => JSON.parse(line) as { log: { from: number; to: number } });
  const text = 'src/b.c:7:1: error: \x1b[1moops\x1b[0m, 100%\n';
  const from = Buffer.from(log.slice(0, log.indexOf(text))).length;
  assert.deepEqual(error, {
    severity: 'error',
    tool: 'cc',
    file: 'src/b.c',
    line: 7,
    column: 1,
    code: null,
    message: 'oops, 100%',
    notes: [],
    jobs: [{ job: 1, name: 'src/b.o' }],
    log: { job: 1, from, to: from + text.length },
    text,
  });
  assert.deepEqual(warning?.log, { job: 1, from: 10, to: 10 + Buffer.byteLength(HEADER) });
  assert.equal(stdout('--format=json'), stdout('--json'));
});

test('--format=github and --format=sarif print their formats', () => {
  assert.equal(
    stdout('--format', 'github'),
    `::error file=src/b.c,line=7,col=1,title=cc::oops, 100%25
::error file=Makefile,line=9,title=make::quiet: Error 3
::warning file=parts.h,line=3,col=5,title=cc%3A -Wunused::unused ‘x’
`,
  );
  const log = JSON.parse(stdout('--format=sarif')) as { runs: { results: { ruleId: string }[] }[] };
  assert.deepEqual(
    log.runs[0]?.results.map(({ ruleId }) => ruleId),
    ['cc', 'make', 'cc/-Wunused'],
  );
});

test('colour follows --color and is off in a pipe by default', () => {
  assert.ok(!problems().stdout.includes('\x1b'));
  assert.ok(
    stdout('--color').startsWith(
      '\x1b[1msrc/b.c:7:1:\x1b[0m \x1b[1;31merror:\x1b[0m oops, 100% \x1b[2m(src/b.o)\x1b[0m\n',
    ),
  );
});

test("the user's own patterns are read from .loglin/config.json", () => {
  const other = new Sandbox();
  try {
    storeBuild(other.path('.loglin'), new Story('lint').say('lint', 'BAD a.txt 3\nok\n').end('lint'));
    const listed = (): Outcome => other.loglin(['problems']);
    assert.deepEqual([listed().stdout, listed().stderr], ['', '']);
    const pattern = '^BAD (?<file>\\S+) (?<line>\\d+)$';
    const config = (problem: object): string => JSON.stringify({ problems: [problem] });
    other.write('.loglin/config.json', config({ name: 'lint', pattern, severity: 'warning' }));
    assert.equal(listed().stdout, 'a.txt:3: warning: BAD a.txt 3 (lint)\n');
    other.write('.loglin/config.json', config({ name: 'lint', pattern: '(' }));
    const wrong = listed();
    assert.match(
      wrong.stderr,
      /^loglin: .*config\.json:1: problems\[0\]\.pattern: [Ii]nvalid regular expression.*\n$/,
    );
    assert.equal(wrong.status, 1);
  } finally {
    other.remove();
  }
});

test('names and messages are escaped whatever they contain', () => {
  const other = new Sandbox();
  try {
    const name = 'new\nline \x1b[31m';
    const one = new Story('make')
      .start(name)
      .say(name, 'a\x07.c:1: error: \x1b]0;title\x07x\x9by\n')
      .end(name);
    storeBuild(other.path('.loglin'), one.end('make'));
    for (const format of ['text', 'json', 'github', 'sarif'])
      assert.doesNotMatch(
        other.loglin(['problems', '--format', format]).stdout,
        /[\x00-\x09\x0b-\x1f\x7f-\x9f]/,
      );
    assert.equal(other.loglin(['problems']).stdout.split('\n').length, 2);
  } finally {
    other.remove();
  }
});

test('damage is reported on stderr with status 1, and the rest is listed', () => {
  const other = new Sandbox();
  try {
    const folder = storeBuild(other.path('.loglin'), story(), { id: C });
    fs.rmSync(logFile(folder, 2 as JobId));
    fs.truncateSync(logFile(folder, 1 as JobId), 40);
    fs.appendFileSync(`${folder}/journal.ndjson`, 'damaged\n');
    const { stdout: text, stderr, status } = other.loglin(['problems']);
    assert.match(text, /^Makefile:9: error: quiet: Error 3 \(quiet\)\nparts\.h:3:5: warning: /);
    assert.match(stderr, /journal\.ndjson:\d+: not a record of a journal\n/);
    assert.match(stderr, /logs\/2\.log: no such file or directory\n/);
    assert.match(stderr, /logs\/1\.log: ends at byte 40, \d+ are recorded\n/);
    assert.equal(status, 1);
  } finally {
    other.remove();
  }
});

test('wrong use is reported', () => {
  const { stderr, status } = problems('--format=xml');
  assert.match(
    stderr,
    /^loglin: --format=xml: want text, json, github, sarif, checkstyle, rdjsonl, codequality; see loglin problems --help\n$/,
  );
  assert.equal(status, 125);
});

test('problems ends quietly when its reader goes away', () => {
  const { stdout: text, stderr } = box.run(['sh', '-c', '"$0" problems | head -1', LOGLIN_BIN]);
  assert.equal(text, ERRORS.slice(0, ERRORS.indexOf('\n') + 1));
  assert.equal(stderr, '');
});
