// Logs for CI systems, as readers of each system's own syntax see them (rig/ci): groups, what stands outside
// of them, and text of jobs that contains commands of every system.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chooseProblems } from '../../src/render/ci/choice.ts';
import { InertText } from '../../src/render/ci/jobtext.ts';
import { CI_SYSTEMS } from '../../src/render/ci/list.ts';
import { CiLog } from '../../src/render/ci/log.ts';
import { CI_NAMES, type CiName, detectCi } from '../../src/render/ci/names.ts';
import { CiRenderer } from '../../src/render/ci/renderer.ts';
import type { RenderOptions, Renderer } from '../../src/render/renderer.ts';
import type { Problem } from '../../src/problems/problem.ts';
import { EVIL_LINES, READERS } from '../rig/ci/readers.ts';
import type { Reading } from '../rig/ci/reading.ts';
import { pageFaults } from '../rig/ci/buildkite.ts';
import { FakeBuild, type Recorded, display, replay } from '../rig/fakebuild.ts';
import { randomPlan } from '../rig/plans.ts';
import { extract } from '../rig/problem-logs.ts';
import { Random, forSeeds } from '../rig/seeded.ts';
import { Story } from '../rig/story.ts';

const NONCE = 'c0ffee';
const COUNT = 150;

function makerFor(name: CiName, recorded: boolean): (options: RenderOptions) => Renderer {
  const log = new CiLog(CI_SYSTEMS[name], NONCE, recorded);
  const escapes = recorded ? 'colours' : 'all';
  return (options) => new CiRenderer(log, { ...options, escapes, collapse: recorded });
}

/** The log of a recorded build. */
function logOf(name: CiName, build: Recorded, order: 'launch' | 'needs' = 'launch'): string {
  return replay(build, { order }, undefined, makerFor(name, true)).text;
}

function evilTexts(): string[] {
  return [...EVIL_LINES.map((line) => `${line}\n`), ...EVIL_LINES, EVIL_LINES.join('\n')];
}

// -- what the logs look like ----------------------------------------------------------------------------

/** A target with its own text around a nested one, one that is silent, and one that fails. */
function family(): Story {
  const story = new Story('make').say('make', 'root 1\n');
  story
    .start('app')
    .say('app', 'app 1\n')
    .start('app/a.o', { parent: 'app' })
    .say('app/a.o', 'a\n')
    .end('app/a.o');
  story.say('app', 'app 2\n').end('app', { exit: 2 }).say('make', 'root 2\n');
  story.start('all').start('lib', { parent: 'all' }).say('lib', 'lib').end('lib').end('all');
  return story.start('quiet').end('quiet').end('make', { exit: 2 });
}

const LIVE: Readonly<Record<CiName, string>> = {
  github: `root 1
::group::app
app 1
::endgroup::
::group::app → app/a.o
a
::endgroup::
::group::app (resumed)
app 2
::endgroup::
✗ app (exit 2)
root 2
▸ all
::group::all → lib
lib
::endgroup::
▸ quiet
`,
  azure: `root 1
##[group]app
app 1
##[endgroup]
##[group]app → app/a.o
a
##[endgroup]
##[group]app (resumed)
app 2
##[endgroup]
✗ app (exit 2)
root 2
▸ all
##[group]all → lib
lib
##[endgroup]
▸ quiet
`,
  buildkite: `--- make
root 1
--- app
app 1
--- app → app/a.o
a
--- app (resumed)
app 2
^^^ +++
✗ app (exit 2)
--- make
root 2
--- all
--- all → lib
lib
--- quiet
`,
  gitlab: `root 1
{start 0 app}
app 1
{start 1 app → app/a.o}
a
{end 1}
app 2
{end 0}
✗ app (exit 2)
root 2
{start 2 all}
{start 3 all → lib}
lib
{end 3}
{end 2}
▸ quiet
`
    .replaceAll(/\{start (.) (.*)\}/g, '\x1b[0Ksection_start:0:loglin_c0ffee_$1[collapsed=true]\r\x1b[0K$2')
    .replaceAll(/\{end (.)\}/g, '\x1b[0Ksection_end:0:loglin_c0ffee_$1\r\x1b[0K'),
  teamcity: `root 1
##teamcity[blockOpened name='app']
app 1
##teamcity[blockOpened name='app |0x2192 app/a.o']
a
##teamcity[blockClosed name='app |0x2192 app/a.o']
app 2
##teamcity[blockClosed name='app']
✗ app (exit 2)
root 2
##teamcity[blockOpened name='all']
##teamcity[blockOpened name='all |0x2192 lib']
lib
##teamcity[blockClosed name='all |0x2192 lib']
##teamcity[blockClosed name='all']
▸ quiet
`,
};

for (const name of CI_NAMES)
  void describe(name, () => {
    const read = READERS[name];
    const nested = CI_SYSTEMS[name].groups === 'nested';

    test('live: a group a job, headers and failures between them', () => {
      const log = display(family(), { order: 'launch' }, makerFor(name, false)).play();
      assert.equal(log.state, 'done');
      assert.equal(log.text, LIVE[name]);
      assert.deepEqual(read(log.text).faults, []);
    });

    test('replay: what failed is not folded', () => {
      const reading = read(logOf(name, family()));
      assert.deepEqual(reading.faults, []);
      assert.match(reading.visible, /^app 1$[^]*^app 2$/m);
      assert.match(reading.visible, /✗ app \(exit 2\)/);
      for (const text of ['a', 'lib'])
        assert.ok(
          reading.lines.some((line) => line.text === text && line.folded.length > 0),
          text,
        );
    });

    test('random builds: every group ends, and all text is there in its order', () => {
      forSeeds(COUNT, (seed) => {
        const plan = randomPlan(new Random(seed));
        const fake = new FakeBuild(plan, {
          random: new Random(seed),
          slots: 1 + (seed % 4),
          late: seed % 3 === 0,
        }).run();
        for (const order of ['launch', 'needs'] as const) {
          const reading = read(logOf(name, fake, order));
          assert.deepEqual(reading.faults, []);
          assert.ok(reading.depth <= (nested ? Infinity : 1));
          assert.deepEqual(said(reading), said(plainOf(fake, order)));
        }
      });
    });

    test('random builds live: the same', () => {
      forSeeds(COUNT, (seed) => {
        const random = new Random(-seed);
        const plan = randomPlan(new Random(seed));
        let screen: ReturnType<typeof display> | undefined;
        new FakeBuild(plan, {
          random: new Random(seed),
          slots: 1 + (seed % 4),
          late: seed % 3 === 0,
          watch: (build) => {
            screen ??= display(build, { order: 'launch' }, makerFor(name, false));
            if (random.chance(0.5)) screen.play();
          },
        }).run();
        const reading = read(screen!.play().text);
        assert.equal(screen!.state, 'done');
        assert.deepEqual(reading.faults, []);
      });
    });

    test('random builds whose jobs print commands of every system: a replay obeys none', () => {
      forSeeds(COUNT, (seed) => {
        const plan = randomPlan(new Random(seed), { texts: evilTexts() });
        const fake = new FakeBuild(plan, { random: new Random(seed), slots: 1 + (seed % 4) }).run();
        const reading = read(logOf(name, fake, seed % 2 === 0 ? 'needs' : 'launch'));
        assert.deepEqual(reading.faults, []);
        assertHarmless(reading);
      });
    });

    test('live, text passes as it is, and what it leaves open ends with it', () => {
      for (const line of EVIL_LINES) {
        const story = new Story('make')
          .start('a')
          .say('a', `${line}\n`)
          .end('a')
          .start('b')
          .say('b', 'b\n')
          .end('b');
        story.say('make', `${line}\n`).end('make', { exit: 2 });
        const log = display(story, { order: 'launch' }, makerFor(name, false)).play();
        assert.equal(log.state, 'done');
        // The end of a group may also be loglin's own.
        assert.ok(log.text.split(`${line}\n`).length >= 3, line);
        const end = read(`${log.text}the end\n`);
        const b = end.lines.findLast(({ text }) => text === 'b');
        const title =
          name === 'buildkite' || name === 'github' || name === 'azure' ? ['b'] : b!.folded.slice(-1);
        assert.deepEqual(b?.folded, title, line);
        // Headers of Buildkite have no end: loglin writes one of its own before the report.
        if (name !== 'buildkite') assert.match(end.visible, /^the end$/m, line);
      }
    });

    test('text is inert however it is cut into pieces, and inert text stays as it is', () => {
      forSeeds(COUNT, (seed) => {
        const random = new Random(seed);
        const text =
          random
            .shuffled(evilTexts())
            .slice(0, 6)
            .join(random.chance(0.5) ? '\n' : '') + '\n';
        const whole = inert(name, [Buffer.from(text)]);
        const bytes = Buffer.from(text);
        const pieces: Buffer[] = [];
        for (let at = 0; at < bytes.length;) {
          const end = at + 1 + random.below(20);
          pieces.push(bytes.subarray(at, end));
          at = end;
        }
        assert.equal(inert(name, pieces), whole);
        const reading = read(whole);
        assert.deepEqual(reading.faults, []);
        assertHarmless(reading);
      });
      assert.equal(
        inert(name, [Buffer.from('a: b\n\n## c [d]\n-- e\nx::y\n')]),
        'a: b\n\n## c [d]\n-- e\nx::y\n',
      );
    });

    test('commands in lines that are too long to hold are inert, too', () => {
      const filler = 'x'.repeat(300_000 - 3);
      for (const evil of [
        '##[group]evil',
        '##vso[task.x]evil',
        "##teamcity[x name='evil']",
        '\r::error::evil',
        '\r--- evil',
      ]) {
        const bytes = Buffer.from(`${filler}${evil}${filler}${evil}\n`);
        for (const size of [64 * 1024, 65_537, 299_999]) {
          const pieces: Buffer[] = [];
          for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
          const reading = read(inert(name, pieces));
          assert.deepEqual(reading.faults, []);
          assertHarmless(reading);
        }
      }
    });

    test('problems: at most as many as are shown, whatever is in them', () => {
      const evil = EVIL_LINES.map((line, i): Problem => ({
        ...some(i % 2 === 0),
        message: `${line}'|]%0A\n\r`,
        file: line,
        code: line,
      }));
      const many = Array.from({ length: 300 }, (_, i) => ({
        ...some(i % 2 === 0),
        message: `m${i}${'y'.repeat(5000)}`,
      }));
      const log = new CiLog(CI_SYSTEMS[name], NONCE, false);
      const { shown, count } = chooseProblems([...evil, ...many], undefined, (severity) =>
        log.room(severity),
      );
      assert.match(count, /^170 errors, 170 warnings/);
      const reading = read(log.annotations(shown));
      assert.deepEqual(reading.faults, []);
      assert.deepEqual(reading.commands, []);
      assert.deepEqual(reading.groups, []);
      const inLog = CI_SYSTEMS[name].problem !== undefined;
      assert.equal(reading.annotations.length, inLog ? shown.length : 0);
      if (inLog && name !== 'teamcity')
        assert.ok(
          read(log.annotations([...shown, some(true)])).faults.some((fault) =>
            fault.startsWith('annotation 11 of'),
          ),
        );
      const page = CI_SYSTEMS[name].page?.(shown, count, 'job');
      if (page) assert.deepEqual(pageFaults(page.argv.slice(1), page.input), []);
    });
  });

function inert(name: CiName, pieces: readonly Buffer[]): string {
  const text = new InertText(CI_SYSTEMS[name], NONCE);
  return Buffer.concat([...pieces.map((piece) => Buffer.from(text.push(piece))), text.end()]).toString();
}

function some(error: boolean): Problem {
  return extract(Buffer.from(`a.c:1:2: ${error ? 'error' : 'warning'}: x\n`))[0]!;
}

/** The lines of jobs: those of random builds have a number. */
function said(log: Reading | string): string[] {
  const text = typeof log === 'string' ? log : log.text;
  return text.split('\n').filter((line) => /^\S+ \d+[abc]?$/.test(line));
}

function plainOf(build: Recorded, order: 'launch' | 'needs'): string {
  return replay(build, { order }).text;
}

function assertHarmless({ groups, annotations, commands }: Reading): void {
  assert.deepEqual(
    groups.filter((title) => title.includes('evil')),
    [],
  );
  assert.deepEqual(annotations, []);
  assert.deepEqual(commands, []);
}

// -- the rest -------------------------------------------------------------------------------------------

test('names of targets are no commands, in titles and between groups', () => {
  for (const name of CI_NAMES) {
    const story = new Story('make');
    for (const [i, line] of EVIL_LINES.entries()) {
      story.start(line, { as: `job${i}` });
      if (i % 2 === 0) story.say(`job${i}`, 'text\n');
      story.end(`job${i}`, { exit: i % 3 });
    }
    const reading = READERS[name](logOf(name, story.end('make')));
    assert.deepEqual(reading.faults, [], name);
    assert.deepEqual(reading.annotations, [], name);
    assert.deepEqual(reading.commands, [], name);
  }
});

test('titles of deep builds have the first and the last names', () => {
  const story = new Story('make');
  for (let i = 0; i < 1000; i++) story.start(`t${i}`, i > 0 ? { parent: `t${i - 1}` } : {});
  story.say('t999', 'deep\n');
  const { groups } = READERS.github(logOf('github', story));
  assert.deepEqual(groups, ['t0 → … → t996 → t997 → t998 → t999']);
});

test('annotations that jobs have used up are not used again', () => {
  const log = new CiLog(CI_SYSTEMS.github, NONCE, false);
  log.text.push(
    Buffer.from('::error::a\n::warning file=x::b\n::stop-commands::t\n::error::not\n::t::\n##[error]old\n'),
  );
  assert.deepEqual([log.room('error'), log.room('warning')], [8, 9]);
});

test('new problems come first', () => {
  const problems = ['old1', 'old2', 'new1', 'old3', 'new2'].map((message) => ({ ...some(false), message }));
  const isNew = ({ message }: Problem): boolean => message.startsWith('new');
  const { shown, count } = chooseProblems(problems, isNew, () => 3);
  assert.deepEqual(
    shown.map(({ message }) => message),
    ['new1', 'new2', 'old1'],
  );
  assert.equal(count, '5 warnings (2 new), 3 of them annotated');
  assert.equal(chooseProblems([], isNew, () => 3).count, '');
  assert.equal(chooseProblems([some(true)], undefined, () => 3).count, '1 error');
});

test('systems are known by their variables', () => {
  assert.equal(detectCi({ GITHUB_ACTIONS: 'true', CI: 'true' }), 'github');
  assert.equal(detectCi({ GITLAB_CI: 'true' }), 'gitlab');
  assert.equal(detectCi({ BUILDKITE: 'true' }), 'buildkite');
  assert.equal(detectCi({ TEAMCITY_VERSION: '2025.03' }), 'teamcity');
  assert.equal(detectCi({ TF_BUILD: 'True' }), 'azure');
  assert.equal(detectCi({ CI: 'true', GITHUB_ACTIONS: 'false', TEAMCITY_VERSION: '' }), undefined);
});

test('the readers see what is wrong', () => {
  const faults = (name: CiName, log: string): number => READERS[name](log).faults.length;
  for (const [name, log] of [
    ['github', '::group::a\nx\n'],
    ['github', '::group::a\n::group::b\n::endgroup::\n'],
    ['github', '::endgroup::\n'],
    ['github', '::stop-commands::t\n'],
    ['github', '::error::x\n'.repeat(11)],
    ['gitlab', '\x1b[0Ksection_start:1:a\r\x1b[0KA\n'],
    ['gitlab', '\x1b[0Ksection_end:1:a\r\x1b[0K\n'],
    ['gitlab', 'section_start:1:a\r\x1b[0KA\nsection_start:1:A\r\x1b[0KA\nsection_end:1:a\r\x1b[0K\n'],
    ['teamcity', "##teamcity[blockOpened name='a']\n"],
    ['teamcity', "##teamcity[blockClosed name='a']\n"],
    ['teamcity', "##teamcity[message text='a'b']\n"],
    ['azure', '##[group]a\n'],
    ['azure', '##[group]a\n##[group]b\n##[endgroup]\n'],
    ['azure', '##vso[task.logissue type=error;]x\n'.repeat(11)],
    ['buildkite', '^^^ +++\n'],
    ['buildkite', `--- ${'x'.repeat(600)}\n`],
  ] as const)
    assert.ok(faults(name, log) > 0, `${name}: ${log}`);
  assert.equal(READERS.github('::group::a\nfailed\n::endgroup::\n').visible.includes('failed'), false);
  assert.equal(READERS.buildkite('--- a\nfailed\n').visible.includes('failed'), false);
  assert.equal(READERS.buildkite('--- a\nfailed\n^^^ +++\n').visible.includes('failed'), true);
});
