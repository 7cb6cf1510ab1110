import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { openBuild } from '../../src/store/reader.ts';
import { History, remember } from '../../src/store/history.ts';
import { buildFolder, historyFile, journalFile } from '../../src/store/layout.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';

const id = (n: number): string => `20260101-0000000${n}0-abcd`;

/** A store with builds 1, 2, … that ran these targets. */
function storeOf(t: TestContext, ...builds: readonly (readonly string[])[]): string {
  const sandbox = new Sandbox();
  t.after(() => {
    sandbox.remove();
  });
  const store = sandbox.path('.loglin');
  for (const [i, names] of builds.entries()) write(store, i + 1, names);
  return store;
}

function write(store: string, n: number, names: readonly string[]): void {
  const story = new Story('make').make('make');
  for (const [k, name] of names.entries()) {
    const as = `${name} ${k}`;
    story.start(name, { make: 'make', as }).end(as);
  }
  storeBuild(store, story, { id: id(n) });
}

/** The answer of a new reader: build and jobs. */
function last(store: string, name: string, before = '9', tool?: string): string {
  const history = new History(store);
  try {
    const runs = history.last(name, before, tool);
    return runs.length === 0
      ? 'never'
      : `${runs[0]!.build.slice(16, 18)} ${runs.map(({ job }) => job).join(',')}`;
  } finally {
    history.close();
  }
}

test('the history has the last build that ran a target, with all jobs of that name', (t) => {
  const store = storeOf(t, ['a', 'b', 'c'], ['b', 'b'], ['c', 'a "quoted"\nname']);
  assert.equal(last(store, 'a'), '10 1');
  assert.equal(last(store, 'b'), '20 1,2');
  assert.equal(last(store, 'b', id(2)), '10 2');
  assert.equal(last(store, 'c', id(1)), 'never');
  assert.equal(last(store, 'a "quoted"\nname'), '30 2');
  assert.equal(last(store, 'a', '9', 'make'), '10 1');
  assert.equal(last(store, 'a', '9', 'ninja'), 'never');
  assert.equal(last(store, 'make'), 'never', 'the root job has no name of its own');
  assert.equal(last(`${store}.none`, 'a'), 'never');
});

test('many queries have the same answers as few', (t) => {
  const names = Array.from({ length: 60 }, (_, i) => `t${i}`);
  const store = storeOf(t, names, names.slice(0, 20));
  const history = new History(store);
  for (const [i, name] of names.entries())
    assert.deepEqual(
      history.last(name, '9').map(({ build, job }) => [build, job]),
      [[id(i < 20 ? 2 : 1), i + 1]],
    );
  history.close();
});

test('builds missing in the file are read once', (t) => {
  const store = storeOf(t, ['a']);
  assert.equal(last(store, 'a'), '10 1');
  const first = fs.readFileSync(historyFile(store), 'utf8');
  assert.match(
    first,
    /^\{"b":"20260101-000000010-abcd","v":2,"journal":\d+,"rows":1,"bytes":\d+,"sum":\d+\}\n\["a","make",1,1\]\n$/,
  );
  assert.equal(fs.statSync(historyFile(store)).mode & 0o777, 0o600);
  assert.equal(last(store, 'a'), '10 1');
  assert.equal(fs.readFileSync(historyFile(store), 'utf8'), first);
  write(store, 2, ['a']);
  assert.equal(last(store, 'a'), '20 1');
  assert.ok(fs.readFileSync(historyFile(store), 'utf8').startsWith(first));
});

test('a build appends at its end what a reader would derive from it', (t) => {
  const store = storeOf(t, ['a', 'b']);
  last(store, 'a');
  const made = fs.readFileSync(historyFile(store));
  fs.rmSync(historyFile(store));
  remember(store, id(1), openBuild(store, id(1)).build);
  assert.deepEqual(fs.readFileSync(historyFile(store)), made);
});

test('builds that were deleted by hand do not count', (t) => {
  const store = storeOf(t, ['a'], ['a']);
  assert.equal(last(store, 'a'), '20 1');
  fs.rmSync(buildFolder(store, id(2)), { recursive: true });
  assert.equal(last(store, 'a'), '10 1');
  fs.rmSync(path.join(store, 'builds'), { recursive: true });
  assert.equal(last(store, 'a'), 'never');
});

test('a file that is cut anywhere or has a wrong byte anywhere is repaired', (t) => {
  const store = storeOf(t, ['a', 'only1'], ['a', 'only2']);
  last(store, 'a');
  const whole = fs.readFileSync(historyFile(store));
  const check = (bytes: Buffer, what: string): void => {
    fs.writeFileSync(historyFile(store), bytes);
    for (const [name, answer] of [
      ['only1', '10 2'],
      ['only2', '20 2'],
      ['none', 'never'],
    ] as const) {
      if (last(store, name) !== answer) {
        // Whoever opens the build notices a wrong job.
        const history = new History(store);
        history.distrust(history.last(name, '9')[0]!.build);
        history.close();
        assert.equal(last(store, name), answer, `${name}: ${what}`);
      }
    }
    const mended = fs.readFileSync(historyFile(store));
    assert.equal(last(store, 'none'), 'never');
    assert.deepEqual(fs.readFileSync(historyFile(store)), mended, `${what}: mended for good`);
  };
  for (let end = 0; end < whole.length; end++) check(whole.subarray(0, end), `cut at ${end}`);
  for (let at = 0; at < whole.length; at++) {
    const bytes = Buffer.from(whole);
    bytes[at] = bytes[at]! ^ 1;
    check(bytes, `byte ${at} wrong`);
  }
});

test('a build is read again when a caller finds that a job differs from the file', (t) => {
  const store = storeOf(t, ['a', 'b']);
  last(store, 'a');
  const lie = fs.readFileSync(historyFile(store), 'utf8').replace('["a","make",1', '["a","make",2');
  fs.writeFileSync(historyFile(store), lie);
  const history = new History(store);
  assert.equal(history.last('a', '9')[0]?.job, 2);
  history.distrust(id(1));
  assert.equal(history.last('a', '9')[0]?.job, 1);
  history.close();
  assert.equal(last(store, 'a'), '10 1');
});

test('a build whose journal differs in size from the file is read again before a target counts as never run', (t) => {
  const store = storeOf(t, ['a'], ['b']);
  last(store, 'a');
  const made = fs.readFileSync(historyFile(store), 'utf8');
  write(store, 1, ['a', 'late']);
  assert.equal(last(store, 'late'), '10 2');
  const mended = fs.readFileSync(historyFile(store), 'utf8');
  assert.notEqual(mended, made);
  const { size } = fs.statSync(journalFile(buildFolder(store, id(1))));
  assert.ok(mended.startsWith(`{"b":"${id(1)}","v":2,"journal":${size},"rows":2,`), mended);

  // Without a target, as gc asks.
  fs.writeFileSync(historyFile(store), made);
  const history = new History(store);
  history.check();
  assert.deepEqual(history.last('late', '9'), [{ build: id(1), job: 2, tool: 'make', ms: 1 }]);
  history.close();
  assert.equal(fs.readFileSync(historyFile(store), 'utf8'), mended);
});

test('an unreadable build does not count, and a running build does not count yet', (t) => {
  const store = storeOf(t, ['a'], ['a']);
  const journal = journalFile(buildFolder(store, id(2)));
  const text = fs.readFileSync(journal, 'utf8');
  fs.writeFileSync(journal, 'nothing\n');
  assert.equal(last(store, 'a'), '10 1');
  // As if recorded by this process, which is running.
  const running = text.replace(/\{"e":"close".*\n/, '').replace(',"ticks":1', '');
  fs.writeFileSync(journal, running);
  assert.equal(last(store, 'a'), '10 1');
  fs.writeFileSync(journal, text);
  assert.equal(last(store, 'a'), '20 1');
});

test('a read-only store is read', (t) => {
  const store = storeOf(t, ['a']);
  fs.mkdirSync(historyFile(store));
  assert.equal(last(store, 'a'), '10 1');
});
