// The commands export and import.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { thisProcess } from '../../src/store/running.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';

const A = '20260101-000000000-aaaa';
const B = '20260102-000000000-bbbb';

function projects(t: TestContext): { here: Sandbox; there: Sandbox } {
  const [here, there] = [new Sandbox(), new Sandbox()];
  t.after(() => {
    here.remove();
    there.remove();
  });
  for (const id of [A, B]) {
    const story = new Story('make').make('make').start('a', { make: 'make' }).say('a', `said by ${id}\n`);
    storeBuild(here.path('.loglin'), story.end('a').makeEnds('make').end('make'), { id });
  }
  fs.mkdirSync(there.path('.loglin'));
  return { here, there };
}

test('a build is moved to another project as a file or through a pipe', (t) => {
  const { here, there } = projects(t);
  const file = there.path('build.tar.gz');
  const written = here.loglin(['export', '-o', file]);
  assert.deepEqual([written.stdout, written.stderr, written.status], ['', '', 0]);
  const taken = there.loglin(['import', 'build.tar.gz']);
  assert.deepEqual([taken.stdout, taken.stderr, taken.status], [`${B}  imported\n`, '', 0]);
  assert.equal(there.loglin(['show']).stdout, here.loglin(['show']).stdout);
  const piped = there.run([
    'sh',
    '-c',
    '(cd "$1" && "$0" export -b -1) | "$0" import - && "$0" ls | wc -l',
    new URL('../../bin/loglin', import.meta.url).pathname,
    here.folder,
  ]);
  assert.equal(piped.stdout, `${A}  imported\n2\n`, piped.stderr);
  assert.deepEqual(fs.readdirSync(there.folder).sort(), ['.loglin', 'build.tar.gz']);
});

test('a page with --redact has no secrets: not in its logs, not in its commands', (t) => {
  const { here } = projects(t);
  const secret = 'hunter2-and-more';
  const story = new Story('make').make('make').start('a', { make: 'make' }).say('a', `it is ${secret}.\n`);
  const id = '20260103-000000000-cccc';
  const first = { argv: ['make', `KEY=${secret}`] };
  storeBuild(here.path('.loglin'), story.end('a').makeEnds('make').end('make'), { id, first });
  const textOf = (file: string): string => {
    const pieces = fs
      .readFileSync(here.path(file), 'utf8')
      .matchAll(/<script type="application\/loglin">([^<]*)</g);
    return Buffer.concat(
      Array.from(pieces, ([, piece = '']) => gunzipSync(Buffer.from(piece, 'base64'))),
    ).toString();
  };
  const env = { DEPLOY_TOKEN: secret };
  const redacted = here.loglin(['export', '--html', 'clean.html', '--redact'], env);
  assert.equal(redacted.status, 0, redacted.stderr);
  assert.match(redacted.stderr, /clean\.html: 2 secrets redacted\n$/);
  assert.ok(!textOf('clean.html').includes(secret));
  assert.match(textOf('clean.html'), /it is \[redacted\*+\]\.\n/);
  here.loglin(['export', '--html', 'all.html'], env);
  assert.equal(textOf('all.html').split(secret).length - 1, 3);
  const { status, stderr } = here.loglin(['export', '-o', 'x', '--redact']);
  assert.deepEqual(
    [status, stderr],
    [125, 'loglin: --redact goes with --html: an archive has all as it was recorded\n'],
  );
});

test('a page with --redact says of new problems nothing but where they are', (t) => {
  const { here } = projects(t);
  const secret = 'hunter2-and-more';
  const warned = 'a.c:1:1: warning: old\n';
  for (const [id, text] of [
    ['20260103-000000000-cccc', warned],
    ['20260104-000000000-dddd', `${warned}${secret}.c:1:1: warning: not in ${secret} before\n`],
  ] as const) {
    const story = new Story('make').make('make').start('a', { make: 'make' }).say('a', text);
    storeBuild(here.path('.loglin'), story.end('a').makeEnds('make').end('make'), { id });
  }
  here.loglin(['export', '--html', 'clean.html', '--redact'], { DEPLOY_TOKEN: secret });
  const pieces = fs
    .readFileSync(here.path('clean.html'), 'utf8')
    .matchAll(/<script type="application\/loglin">([^<]*)</g);
  const text = Buffer.concat(
    Array.from(pieces, ([, piece = '']) => gunzipSync(Buffer.from(piece, 'base64'))),
  ).toString();
  assert.ok(!text.includes('hunter2'));
  assert.ok(text.endsWith(`[[1,${warned.length}]]\n`), text.slice(-200));
});

test('a second import reports the existing build and changes nothing', (t) => {
  const { here } = projects(t);
  here.loglin(['export', '-o', 'x']);
  const { stdout, stderr, status } = here.loglin(['import', 'x']);
  assert.deepEqual(
    [stdout, stderr, status],
    ['', `loglin: build ${B}: is in the store already; nothing was imported\n`, 1],
  );
});

test('a failed export or import is one line', (t) => {
  const { here, there } = projects(t);
  const running = '20260103-000000000-cccc';
  storeBuild(here.path('.loglin'), new Story('make'), {
    id: running,
    close: false,
    first: { ...thisProcess() },
  });
  here.write('text', 'x');
  here.loglin(['export', '-b', B, '-o', 'whole']);
  for (const [args, message, status] of [
    [['export'], `build ${running}: is running; export it when it has ended`, 1],
    [['export', '-b', A, '-o', 'none/x'], `${here.path('none/x')}: no such file or directory`, 125],
    [
      ['export', '-b', 'x'],
      `build x: not in ${here.path('.loglin/builds')}; \`loglin ls\` lists the builds`,
      1,
    ],
    [['import', 'none'], `${here.path('none')}: no such file or directory; see loglin help import`, 125],
    [['import', '.'], `${here.folder}: is a directory; want a file that loglin export has written`, 125],
    [
      ['import', 'text'],
      `${here.path('text')}: neither a file of loglin export nor a stream of events (loglin help import); nothing was imported`,
      125,
    ],
    [['import', 'text', 'text'], 'import text text: one file at a time', 125],
    [['import', 'whole', '--max', 'x'], '--max x: want a size, as 500M or 20GiB', 125],
    [['import'], 'import: <file> is missing; see loglin import --help', 125],
  ] as const) {
    const outcome = here.loglin(args);
    assert.deepEqual([outcome.stdout, outcome.stderr, outcome.status], ['', `loglin: ${message}\n`, status]);
  }
  const small = there.loglin(['import', here.path('whole'), '--max', '100']);
  assert.match(
    small.stderr,
    /^loglin: .*whole: more than 100 B when unpacked; if that is right: --max [\d.]+(B|KiB)\n$/,
  );
});

test('export ends without an error when the reader of stdout goes away', (t) => {
  const { here } = projects(t);
  const ended = here.run([
    'bash',
    '-c',
    '"$0" export | head -c 10 | wc -c; echo "${PIPESTATUS[0]}"',
    new URL('../../bin/loglin', import.meta.url).pathname,
  ]);
  assert.deepEqual([ended.stdout, ended.stderr], ['10\n0\n', '']);
});
