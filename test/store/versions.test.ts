// One store of every version of the files (sample-logs/versions/README.md) is still read; files of a newer
// loglin are refused, or read as far as they are known.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { type TestContext, describe, test } from 'node:test';
import { Failure } from '../../src/model/failure.ts';
import { listBuilds, summarise } from '../../src/store/builds.ts';
import { FollowedBuild } from '../../src/store/follow.ts';
import { History } from '../../src/store/history.ts';
import { buildFolder, graphFile, historyFile, journalFile } from '../../src/store/layout.ts';
import { openBuild } from '../../src/store/reader.ts';
import { HISTORY } from '../../src/record/versions.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';

const VERSIONS = path.join(import.meta.dirname, '../../sample-logs/versions');

function sandbox(t: TestContext): Sandbox {
  const box = new Sandbox();
  t.after(() => {
    box.remove();
  });
  return box;
}

function lastRun(store: string, name: string): string | undefined {
  const history = new History(store);
  try {
    const [run] = history.last(name, '9');
    return run && `${run.tool} ${run.job}`;
  } finally {
    history.close();
  }
}

for (const version of fs.readdirSync(VERSIONS).filter((name) => /^\d/.test(name)))
  void describe(`sample-logs/versions/${version}`, () => {
    test('the journal, logs and graph are read completely', (t) => {
      const store = path.join(VERSIONS, version);
      const [id = ''] = listBuilds(store);
      assert.equal(summarise(store, id).state, 'finished');
      const { build, logs, problems } = openBuild(store, id);
      t.after(() => {
        logs.close();
      });
      assert.deepEqual(problems, []);
      const ended = build.jobs.map(({ name, size, ended }) => `${name} ${size}${ended ? '' : '?'}`);
      const expected = 'make -j1 0, lib/a.c 39, lib/a.o 18, lib 15, script 98, tool 12, inner 7, bad 72';
      assert.equal(ended.join(', '), expected);
      const text = Buffer.alloc(18);
      logs.read(2 as never, 0 as never, text);
      assert.equal(text.toString(), 'compiling lib/a.c\n');
      const [make, inner] = build.instances;
      assert.deepEqual(make?.graph?.get('all')?.needs, ['lib', 'script', 'bad']);
      assert.deepEqual(inner?.goals, ['inner']);
    });

    test('the history is read', (t) => {
      const store = sandbox(t).path('store');
      fs.cpSync(path.join(VERSIONS, version), store, { recursive: true });
      assert.equal(lastRun(store, 'lib/a.o'), 'make 2');
      assert.equal(lastRun(store, 'inner'), 'make 6');
      const heads = fs.readFileSync(historyFile(store), 'utf8').match(/^\{.*$/gm) ?? [];
      assert.deepEqual(
        heads.map((head) => (JSON.parse(head) as { v?: number }).v),
        [HISTORY.newest],
        'an older one was made anew, and only once',
      );
    });
  });

const ID = '20260101-000000010-abcd';

/** A store with one build, one file of which is changed. */
function changed(
  t: TestContext,
  fileOf: (folder: string) => string,
  change: (text: string) => string,
): string {
  const store = sandbox(t).path('.loglin');
  const story = new Story('make')
    .make('make', ['all'])
    .start('a', { make: 'make', needs: 'b' })
    .say('a', 'a');
  story.end('a').graph('make', { all: 'a', a: 'b' }).makeEnds('make').end('make');
  storeBuild(store, story, { id: ID });
  const file = fileOf(buildFolder(store, ID));
  fs.writeFileSync(file, change(fs.readFileSync(file, 'utf8')));
  return store;
}

const newerMinor = (text: string): string => text.replace('"v":1', '"v":1,"minor":3');

test('unknown kinds of records in a journal of a newer minor version are left out with one note', (t) => {
  const store = changed(t, journalFile, (text) =>
    newerMinor(text)
      .replaceAll('{"e":"end"', '{"e":"moved","t":1,"to":[1,{}]}\n{"e":"end"')
      .replace('{"e":"tool"', '{"e":"tool","new":true'),
  );
  const file = journalFile(buildFolder(store, ID));
  const note = `${file}: written by a newer loglin (version 1.3, this one knows 1.1): records of other kinds are left out`;
  const { build, logs, problems, state } = openBuild(store, ID);
  logs.close();
  assert.deepEqual(problems, [note]);
  assert.equal(state, 'finished');
  assert.deepEqual(
    build.jobs.map(({ name, ended, lost }) => `${name} ${ended !== undefined} ${lost}`),
    ['make true false', 'a true false'],
  );
  assert.equal(summarise(store, ID).version, undefined, 'a listing has it as any other');
  const followed = new FollowedBuild(store, ID);
  while (followed.update());
  assert.deepEqual(followed.problems, [note]);
  followed.close();
});

test('a journal of a newer minor version without unknown records gives no note', (t) => {
  const store = changed(t, journalFile, newerMinor);
  const { logs, problems } = openBuild(store, ID);
  logs.close();
  assert.deepEqual(problems, []);
});

test('a newer minor version does not hide damage', (t) => {
  const store = changed(t, journalFile, (text) =>
    newerMinor(text).replace('{"e":"end"', '{"e":7}\n{"e":"end"'),
  );
  const { logs, problems } = openBuild(store, ID);
  logs.close();
  assert.match(problems.join('\n'), /^\S+:\d+: not a record of a journal$/);
});

test('unknown kinds of records in a journal of this version are damage', (t) => {
  const store = changed(t, journalFile, (text) =>
    text.replace('{"e":"end"', '{"e":"moved","t":1}\n{"e":"end"'),
  );
  const { logs, problems } = openBuild(store, ID);
  logs.close();
  assert.match(problems.join('\n'), /^\S+:\d+: not a record of a journal$/);
});

test('an unknown record at the end of an interrupted journal does not count as cut short', (t) => {
  const end = (text: string): string => text.slice(0, text.indexOf('{"e":"close"')) + '{"e":"moved","t":1}';
  const store = changed(t, journalFile, (text) => newerMinor(end(text)));
  const { logs, problems, state } = openBuild(store, ID);
  logs.close();
  assert.equal(state, 'interrupted');
  assert.match(problems.join('\n'), /^\S+: written by a newer loglin \(version 1\.3, [^\n]*$/);
});

test('a journal of another version is refused', (t) => {
  const store = changed(t, journalFile, (text) => text.replace('"v":1', '"v":2'));
  assert.throws(
    () => openBuild(store, ID),
    new Failure(
      `${journalFile(buildFolder(store, ID))}: journal of version 2, this loglin reads version 1; use the loglin that wrote it`,
    ),
  );
  assert.equal(summarise(store, ID).version, 2);
});

test('graphs of another version are left out with one note, and the build is shown', (t) => {
  const store = changed(t, graphFile, (text) =>
    text.replace('"v":1', '"v":2').replace(/\[\["/, '[[{"other":1},"').repeat(2),
  );
  const file = graphFile(buildFolder(store, ID));
  const { build, logs, problems } = openBuild(store, ID);
  logs.close();
  assert.deepEqual(problems, [
    `${file}: graphs of version 2, this loglin reads version 1; jobs have the needs that their own records say`,
  ]);
  assert.deepEqual([build.instances[0]?.graph, build.jobs[1]?.needs], [undefined, 'b']);
});

test('graphs of a newer minor version are read, and other lines among them are left out', (t) => {
  const store = changed(
    t,
    graphFile,
    (text) => `${newerMinor(text)}{"v":1,"minor":3,"i":0,"depfile":["a","b"]}\n${newerMinor(text)}`,
  );
  const file = graphFile(buildFolder(store, ID));
  const { build, logs, problems } = openBuild(store, ID);
  logs.close();
  assert.deepEqual(problems, [
    `${file}: written by a newer loglin (version 1.3, this one knows 1.0): records of other kinds are left out`,
  ]);
  assert.deepEqual(build.instances[0]?.graph?.get('a')?.needs, ['b']);
});

test('a newer history is kept, and its contents are derived again from the journals', (t) => {
  const store = changed(t, journalFile, (text) => text);
  const newer = `{"b":"${ID}","v":9,"journal":1,"rows":1,"bytes":8,"sum":1}\n["new"]\n`;
  fs.writeFileSync(historyFile(store), newer);
  assert.equal(lastRun(store, 'a'), 'make 1');
  assert.equal(lastRun(store, 'a'), 'make 1');
  const text = fs.readFileSync(historyFile(store), 'utf8');
  assert.ok(text.startsWith(newer));
  assert.equal(text.match(/"b":/g)?.length, 2);
});
