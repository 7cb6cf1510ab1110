// LOGLIN_TRACE: what the trace has, who may read it, and what happens where it cannot be written.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { NOTED, needs, tree } from '../rig/tree.ts';

const MAKEFILE = `${NOTED}all: a.o b.o
a.o: ; @sh -c 'cp Makefile $@'
b.o: ; @echo in b; exec env -i /bin/sh -c '/bin/ls >/dev/null; :'
`;

/** Seconds with three decimals, the process, the word, the rest. */
const LINE = /^(\d+\.\d{3}) (\d+) ([a-z]+) (.*)$/;

function lines(file: string): { pid: string; what: string; rest: string }[] {
  const text = fs.readFileSync(file, 'utf8');
  assert.ok(text.endsWith('\n'));
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const [, , pid = '', what = '', rest = ''] = LINE.exec(line) ?? [];
      assert.notEqual(what, '', `not a line of a trace: ${line}`);
      return { pid, what, rest };
    });
}

test("a trace has each record, slot and event, and the library's decisions, and only the user can read it", async (t) => {
  if (!needs(t, 'make')) return;
  const project = tree(t, { Makefile: MAKEFILE, trace: 'before\n' });
  fs.chmodSync(project.path('trace'), 0o644);
  const ended = await project.sh('exec "$LOGLIN_BIN" make', { env: { LOGLIN_TRACE: 'trace' } });
  assert.deepEqual(ended, { end: 'exit 0', stdout: '▸ a.o\n▸ b.o\nin b\n', stderr: '' });
  assert.equal(fs.statSync(project.path('trace')).mode & 0o777, 0o600);
  assert.ok(project.read('trace').startsWith('before\n'), 'it is appended to');
  fs.writeFileSync(project.path('trace'), project.read('trace').slice('before\n'.length));

  const told = lines(project.path('trace'));
  const kinds = told.filter(({ what }) => what === 'record').map(({ rest }) => rest.split(' ')[1]);
  assert.deepEqual(
    ['M', 'L', 'S', 'W', 'E', 'X'].filter((kind) => !kinds.includes(kind)),
    [],
    'kinds of records',
  );
  // Events stand as they do in the journal.
  const events = told.filter(({ what }) => what === 'event').map(({ rest }) => JSON.parse(rest) as unknown);
  const [folder = ''] = fs.readdirSync(project.path('.loglin/builds'));
  const journal = project
    .read(path.join('.loglin/builds', folder, 'journal.ndjson'))
    .trim()
    .split('\n');
  const starts = journal.map((line) => JSON.parse(line) as { e: string }).filter(({ e }) => e === 'start');
  assert.deepEqual(
    events.filter((event) => (event as { e: string }).e === 'start'),
    starts,
  );
  assert.deepEqual(
    told.filter(({ what, rest }) => what === 'slot' && rest.includes(' is job ')).map(({ rest }) => rest),
    ["0 is job 0's: ", "1 is job 1's: a.o", "2 is job 2's: b.o"],
  );
  const recorder = told[0]?.pid;
  const library = told.filter(({ what }) => what === 'library');
  assert.ok(library.every(({ pid }) => pid !== recorder));
  const about = library.map(({ rest }) => rest);
  assert.ok(
    about.some((rest) => rest.endsWith('/cp is not looked into: none of the programs that start others')),
  );
  // This also holds where the environment has lost everything.
  assert.ok(about.includes('/bin/ls is not looked into: none of the programs that start others'));
});

test('nothing is traced without the variable, and a build whose trace cannot be written is still recorded', async (t) => {
  if (!needs(t, 'make')) return;
  const project = tree(t, { Makefile: MAKEFILE, 'folder/file': '' });
  const without = await project.sh('unset LOGLIN_TRACE; exec "$LOGLIN_BIN" make -B');
  assert.deepEqual(without, { end: 'exit 0', stdout: '▸ a.o\n▸ b.o\nin b\n', stderr: '' });
  assert.equal(project.keepTrace('nothing'), undefined);
  fs.symlinkSync('target', project.path('link'));
  for (const [file, why] of [
    ['no/such/folder', 'no such file or directory'],
    ['folder', 'is a directory'],
    ['link', 'a symbolic link, and loglin follows none in a store'],
  ] as const) {
    const { end, stdout, stderr } = await project.sh('exec "$LOGLIN_BIN" make -B', {
      env: { LOGLIN_TRACE: file },
    });
    assert.equal(end, 'exit 0');
    assert.equal(stdout, '▸ a.o\n▸ b.o\nin b\n');
    assert.equal(stderr, `loglin: LOGLIN_TRACE: ${project.path(file)}: ${why}; the build is not traced\n`);
  }
  assert.ok(!project.has('target'));
  assert.match(await project.show('a.o'), /a\.o/);
});

test("the library's trace has the reason why a job has no slot", async (t) => {
  if (!needs(t, 'make')) return;
  const project = tree(t, { Makefile: 'a: ; @echo a\n' });
  await project.sh('exec "$LOGLIN_BIN" sh -c "make >out 2>&1"', { env: { LOGLIN_TRACE: 'trace' } });
  const about = lines(project.path('trace')).filter(({ what }) => what === 'library');
  assert.equal(about[0]?.rest, 'no slot for job 0 of this make: its output goes elsewhere');
});

test('the trace of a test can be kept', async (t) => {
  if (!needs(t, 'make')) return;
  const project = tree(t, { Makefile: 'a: ; @echo a\n' });
  await project.loglin('make');
  const kept = project.keepTrace(`${t.name}/${project.mark}`) ?? '';
  try {
    assert.ok(lines(kept).some(({ what }) => what === 'session'));
  } finally {
    fs.rmSync(kept, { force: true });
  }
});
