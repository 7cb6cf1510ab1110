// A line of 1 GB is shown with little memory. The log is a sparse file.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';
import { ROOT } from '../../src/model/ids.ts';
import { logFile } from '../../src/store/layout.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';

const box = new Sandbox();
after(() => {
  box.remove();
});

const MIB = 1024 * 1024;
const MOST_RSS = 200 * MIB;

// Prints its peak memory at its end.
const WATCH = `process.on('exit', () => require('node:fs').writeFileSync(process.env.RSS_FILE, String(process.resourceUsage().maxRSS)));`;

/** Runs show and counts the bytes that it prints. */
function measure(
  store: string,
  args: readonly string[],
): { bytes: number; stderr: string; rss: number; status: number | null } {
  box.write('watch.cjs', WATCH);
  const script = `"$@" | wc -c`;
  const rssFile = box.path('rss');
  const main = new URL('../../dist/main.cjs', import.meta.url).pathname;
  const ran = box.run(
    [
      'sh',
      '-c',
      script,
      'sh',
      process.execPath,
      '-r',
      box.path('watch.cjs'),
      main,
      'show',
      '--store',
      store,
      ...args,
    ],
    {
      RSS_FILE: rssFile,
    },
  );
  return {
    bytes: Number(ran.stdout),
    stderr: ran.stderr,
    status: ran.status,
    rss: Number(fs.readFileSync(rssFile, 'utf8')) * 1024,
  };
}

/** A build whose root job printed a line of this many bytes and launched a job in the middle of it. */
function bigStore(name: string, size: number): string {
  const store = box.path(name);
  const story = new Story('sh').say('sh', 'x').start('a').say('a', 'from a\n').end('a').end('sh');
  const folder = storeBuild(store, story, { close: { late: [0] } });
  fs.truncateSync(logFile(folder, ROOT), size);
  return store;
}

for (const [what, args, size, extra] of [
  ['show', [], 1024 * MIB, Buffer.byteLength('\n▸ a\nfrom a\n')],
  ['show --raw', ['--raw'], 1024 * MIB, 'from a\n'.length],
  ['show --prefix', ['--prefix'], 512 * MIB, 'sh: \na: from a\n'.length],
  ['show --color=never', ['--color=never'], 256 * MIB, undefined],
] as const)
  test(`${what} prints all of a line of ${size / MIB} MiB in less than ${MOST_RSS / MIB} MiB`, () => {
    const store = bigStore(what, size);
    const { bytes, stderr, rss } = measure(store, args);
    assert.equal(stderr, '');
    // Control characters are left out where escapes are.
    if (extra !== undefined) assert.equal(bytes, size + extra);
    assert.ok(rss < MOST_RSS, `${rss / MIB} MiB`);
  });

test('show --json prints a line of 64 MiB in chunks, with little memory', () => {
  const { bytes, stderr, rss } = measure(bigStore('json', 64 * MIB), ['--json']);
  assert.equal(stderr, '');
  assert.ok(bytes > 64 * MIB);
  assert.ok(rss < MOST_RSS, `${rss / MIB} MiB`);
});

test('a hole of 256 MiB in a journal is reported, and the build is shown', () => {
  const store = box.path('hole');
  const story = new Story('sh').say('sh', 'text\n').end('sh');
  const folder = storeBuild(store, story);
  const file = `${folder}/journal.ndjson`;
  const journal = fs.readFileSync(file);
  const fd = fs.openSync(file, 'r+');
  fs.writeSync(fd, journal, 0, journal.length, 256 * MIB);
  // The start moves to the end; only the hole remains before it.
  fs.writeSync(fd, Buffer.alloc(journal.length), 0, journal.length, 0);
  fs.writeSync(fd, Buffer.from('\n'), 0, 1, 256 * MIB - 1);
  fs.closeSync(fd);
  const shown = box.loglin(['show', '--store', store]);
  assert.equal(shown.stdout, 'text\n');
  assert.equal(shown.stderr, `loglin: ${file}:1: not a record of a journal\n`);
  assert.equal(shown.status, 1);
});
