// The walk, case by case. What holds for every build is in properties.test.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Walk } from '../../src/linearize/walk.ts';
import { Walk as TheWalk } from '../../src/linearize/walk.ts';
import type { Job } from '../../src/model/build.ts';
import { emptyBuild, reduce, setGraph } from '../../src/model/reduce.ts';
import type { Graph, GraphNode } from '../../src/model/graph.ts';
import { type ByteOffset, type InstanceId, type JobId, ROOT } from '../../src/model/ids.ts';
import { type Recorded, describe, display, replay, segmentsOf } from '../rig/fakebuild.ts';
import { Random } from '../rig/seeded.ts';
import { Story, graphOf } from '../rig/story.ts';

const needs = { order: 'needs' } as const;
const launch = { order: 'launch' } as const;

function job(recorded: Recorded, name: string): Job {
  const found = recorded.build.jobs.find((one) => one.name === name);
  assert.ok(found, name);
  return found;
}

function lines(...text: string[]): string {
  return text.map((line) => `${line}\n`).join('');
}

// -- worked example 1 ------------------------------------------------------------------------------------

const EXAMPLE_1 = lines(
  '▸ A',
  'A starts',
  '  ▸ J',
  'J starts',
  '    ▸ X',
  '      ▸ Q',
  'building Q',
  '    ▸ X (resumed)',
  'X done',
  '    ▸ Y',
  'Y done',
  '    ▸ Z',
  'Z done',
  '  ▸ J (resumed)',
  'more J',
  '▸ A (resumed)',
  'A ends',
);

/**
 * @param runner the one of X, Y, Z that runs Q; the others wait for it.
 * @param order the order in which they finish.
 */
function tellExample1(story: Story, runner: string, order: readonly string[]): void {
  story.say('A', 'A starts\n').start('J', { parent: 'A' }).say('J', 'J starts\n');
  for (const name of ['X', 'Y', 'Z']) story.start(name, { parent: 'J' });
  story.start('Q', { parent: runner });
  for (const name of order) if (name !== runner) story.link(name, 'Q');
  story.say('Q', 'building Q\n').end('Q');
  for (const name of order) story.say(name, `${name} done\n`).end(name);
  story.say('J', 'more J\n').end('J').say('A', 'A ends\n').end('A');
}

const ORDERS = ['X Y Z', 'X Z Y', 'Y X Z', 'Y Z X', 'Z X Y', 'Z Y X'].map((order) => order.split(' '));

test('example 1: the log is the same whichever script runs the shared job and whichever finishes first', () => {
  for (const runner of ['X', 'Y', 'Z'])
    for (const order of ORDERS)
      for (const options of [needs, launch]) {
        const story = new Story('A', 'A');
        tellExample1(story, runner, order);
        assert.equal(replay(story, { ...options, rootHeader: true }).text, EXAMPLE_1);
      }
});

test('example 1, live: the log is the same', () => {
  for (const runner of ['X', 'Y', 'Z'])
    for (const order of ORDERS)
      for (const options of [needs, launch, { order: 'needs', strict: true } as const]) {
        const story = new Story('A', 'A');
        const screen = display(story, { ...options, rootHeader: true });
        const event = story.event.bind(story);
        story.event = (one) => {
          event(one);
          screen.play();
          return story;
        };
        tellExample1(story, runner, order);
        assert.equal(screen.state, 'done');
        assert.equal(screen.text, EXAMPLE_1);
      }
});

test('example 1: show Z prints the shared job under Z although another script ran it', () => {
  for (const runner of ['X', 'Y', 'Z']) {
    const story = new Story('A', 'A');
    tellExample1(story, runner, ['X', 'Y', 'Z']);
    assert.equal(
      replay(story, needs, [{ job: job(story, 'Z') }]).text,
      lines('▸ Z', '  ▸ Q', 'building Q', '▸ Z (resumed)', 'Z done'),
    );
  }
});

test('a need that did not run in this build prints nothing', () => {
  const story = new Story('./Z', 'Z').need('Z', 'Q').say('Z', 'Z done\n').end('Z');
  assert.equal(replay(story, { ...needs, rootHeader: true }).text, lines('▸ Z', 'Z done'));
});

// -- worked example 2 ------------------------------------------------------------------------------------

const EXAMPLE_2_GRAPH = {
  all: 'libs prog',
  libs: 'liba libb',
  liba: 'gen.h',
  libb: 'gen.h',
  prog: 'libs main.o',
  'main.o': 'gen.h',
  'gen.h': '',
};
const EXAMPLE_2_TEXTS: Readonly<Record<string, string>> = {
  'gen.h': 'generating gen.h',
  liba: 'building liba',
  libb: 'building libb',
  'main.o': 'compiling main.o',
  prog: 'linking prog',
};
const EXAMPLE_2 = lines(
  '▸ liba',
  '  ▸ gen.h',
  'generating gen.h',
  '▸ liba (resumed)',
  'building liba',
  '▸ libb',
  'building libb',
  '▸ prog',
  '  ▸ main.o',
  'compiling main.o',
  '▸ prog (resumed)',
  'linking prog',
);

test('example 2: one make has one log whichever job ran first', () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = new Random(seed);
    const story = new Story('make').make('make', ['all']);
    const start = (name: string): void => {
      const own = EXAMPLE_2_GRAPH[name as keyof typeof EXAMPLE_2_GRAPH];
      story.start(name, { make: 'make', ...(own === '' ? {} : { needs: own }) });
    };
    const end = (name: string): void => {
      story.say(name, `${EXAMPLE_2_TEXTS[name] ?? ''}\n`).end(name);
    };
    start('gen.h');
    end('gen.h');
    const middle = random.shuffled(['liba', 'libb', 'main.o']);
    for (const name of middle) start(name);
    for (const name of random.shuffled(middle)) end(name);
    start('prog');
    end('prog');
    story.graph('make', EXAMPLE_2_GRAPH).makeEnds('make').end('make');
    assert.equal(replay(story, needs).text, EXAMPLE_2);
  }
});

test('example 2, the first build, live: jobs stand at their links, in launch order', () => {
  const story = new Story('make');
  const screen = display(story, needs);
  story
    .make('make', ['all'])
    .start('gen.h', { make: 'make' })
    .say('gen.h', 'generating gen.h\n')
    .end('gen.h');
  story.start('libb', { make: 'make', needs: 'gen.h' }).start('liba', { make: 'make', needs: 'gen.h' });
  assert.equal(screen.play().text, lines('▸ gen.h', 'generating gen.h', '▸ libb'));
  story.say('liba', 'building liba\n').end('liba').say('libb', 'building libb\n');
  assert.equal(screen.play().text, lines('▸ gen.h', 'generating gen.h', '▸ libb', 'building libb'));
  story.end('libb').makeEnds('make').end('make');
  assert.equal(
    screen.play().text,
    lines('▸ gen.h', 'generating gen.h', '▸ libb', 'building libb', '▸ liba', 'building liba'),
  );
});

test('example 2, the second build, live: the first job in order that runs or has ended is next', () => {
  const story = new Story('make');
  const screen = display(story, { ...needs, knownGraph: () => graphOf(EXAMPLE_2_GRAPH) });
  story.make('make', ['all']).start('gen.h', { make: 'make' }).say('gen.h', 'generating gen.h\n');
  // It comes before liba, which may never start; and the block is not broken up if it does.
  assert.equal(screen.play().text, lines('▸ gen.h', 'generating gen.h'));
  story.end('gen.h');
  for (const name of ['main.o', 'libb', 'liba']) story.start(name, { make: 'make', needs: 'gen.h' });
  story.say('main.o', 'compiling main.o\n').end('main.o').say('libb', 'building libb\n').end('libb');
  assert.equal(screen.play().text, lines('▸ gen.h', 'generating gen.h', '▸ liba'));
  story.say('liba', 'building liba\n').end('liba');
  story.start('prog', { make: 'make', needs: 'libs main.o' }).say('prog', 'linking prog\n').end('prog');
  story.makeEnds('make').end('make');
  assert.equal(
    screen.play().text,
    lines(
      '▸ gen.h',
      'generating gen.h',
      '▸ liba',
      'building liba',
      '▸ libb',
      'building libb',
      '▸ prog',
      '  ▸ main.o',
      'compiling main.o',
      '▸ prog (resumed)',
      'linking prog',
    ),
  );
});

// -- links -----------------------------------------------------------------------------------------------

test('a link inside a line is shown after that line, live as well', () => {
  const story = new Story('sh');
  const screen = display(story, launch);
  story.say('sh', 'compiling ').start('a').say('a', 'from a\n').end('a');
  assert.deepEqual(screen.play().segments.map(describe), ['sh 0-10']);
  story.say('sh', 'foo');
  assert.deepEqual(screen.play().segments.map(describe), ['sh 0-10', 'sh 10-13']);
  story.say('sh', '.c\nnext\n').end('sh');
  const text = lines('compiling foo.c', '▸ a', 'from a', 'next');
  assert.equal(screen.play().text, text);
  assert.equal(replay(story, launch).text, text);
});

test('a link inside a last line without a newline is shown after that line', () => {
  const story = new Story('sh').say('sh', 'no newline').start('a').say('a', 'from a').end('a').end('sh');
  assert.equal(replay(story, launch).text, lines('no newline', '▸ a', 'from a'));
});

test('links at one offset are shown in launch order', () => {
  const story = new Story('sh').say('sh', 'x\n');
  for (const name of ['c', 'a', 'b']) story.start(name).end(name);
  story.end('sh');
  assert.equal(replay(story, launch).text, lines('x', '▸ c', '▸ a', '▸ b'));
});

test('two links inside one line and one right after it are shown after that line', () => {
  const story = new Story('sh').say('sh', 'one ').start('a').end('a').say('sh', 'two ').start('b').end('b');
  story.say('sh', 'three\n').start('c').end('c').say('sh', 'four\n').end('sh');
  assert.equal(replay(story, launch).text, lines('one two three', '▸ a', '▸ b', '▸ c', 'four'));
});

test('a job has a resumed header only where bytes follow', () => {
  const story = new Story('sh', 'top').start('a', { parent: 'top' }).start('b', { parent: 'a' });
  story.say('b', 'from b\n').end('b').end('a').end('top');
  assert.equal(
    replay(story, { ...launch, rootHeader: true }).text,
    lines('▸ top', '  ▸ a', '    ▸ b', 'from b'),
  );
});

test('a failed job has a failure line after its log, even if it is silent', () => {
  const story = new Story('sh')
    .start('a')
    .end('a', { exit: 2 })
    .start('b')
    .say('b', 'text')
    .end('b', { signal: 11 });
  story.start('c').end('c', { exit: 1 }, true).end('sh', { exit: 1 });
  assert.equal(
    replay(story, launch).text,
    lines('▸ a', '✗ a (exit 2)', '▸ b', 'text', '✗ b (SIGSEGV)', '▸ c'),
  );
});

test('a silent job has a header; one whose output was redirected has one only if its log has bytes', () => {
  const story = new Story('sh').start('silent').end('silent').start('aside', { aside: true }).end('aside');
  story.start('stderr', { aside: true }).say('stderr', 'warning\n').end('stderr').end('sh');
  assert.equal(replay(story, launch).text, lines('▸ silent', '▸ stderr', 'warning'));
});

test('a job whose output was redirected has a header if a job below it has one', () => {
  const story = new Story('sh').start('aside', { aside: true }).start('below', { parent: 'aside' });
  story.say('below', 'text\n').end('below').end('aside').say('sh', 'end\n').end('sh');
  assert.equal(replay(story, launch).text, lines('▸ aside', '  ▸ below', 'text', 'end'));
});

test('live, a piped job does not hold up its output, except in strict order', () => {
  const story = new Story('sh').start('piped', { aside: true, piped: true });
  const screen = display(story, launch);
  const strict = display(story, { ...needs, strict: true });
  story.start('below', { parent: 'piped', aside: true, piped: true }).say('sh', 'from the pipe\n');
  assert.equal(screen.play().text, lines('from the pipe'));
  assert.equal(strict.play().text, '');
  story.end('below').end('piped').say('sh', 'end\n').end('sh');
  const text = lines('from the pipe', 'end');
  assert.equal(screen.play().text, text);
  assert.equal(strict.play().text, text);
  assert.equal(replay(story, launch).text, text);
});

test('live, a piped job that also prints directly is resumed where it was interrupted', () => {
  const story = new Story('sh').start('one', { aside: true, piped: true }).say('one', 'first error\n');
  const screen = display(story, launch);
  assert.equal(screen.play().text, lines('▸ one', 'first error'));
  story.start('two', { aside: true, piped: true }).say('sh', 'from the pipe\n').say('two', 'error\n');
  const head = lines('▸ one', 'first error', '▸ two', 'error', 'from the pipe');
  assert.equal(screen.play().text, head);
  story.say('one', 'second error\n');
  const more = head + lines('▸ one (resumed)', 'second error');
  assert.equal(screen.play().text, more);
  story.say('sh', 'more from the pipe\n');
  assert.equal(screen.play().text, more + lines('more from the pipe'));
  story.say('one', 'third error\n').end('one').say('two', 'last error\n').end('two').end('sh');
  assert.equal(
    screen.play().text,
    more + lines('more from the pipe', '▸ one (resumed)', 'third error', '▸ two (resumed)', 'last error'),
  );
});

test('live, a job that is not piped holds up the piped jobs in it and around it', () => {
  const story = new Story('sh').start('outer', { aside: true, piped: true });
  story.start('plain', { parent: 'outer' }).start('inner', { parent: 'plain', aside: true, piped: true });
  const screen = display(story, launch);
  story.say('sh', 'from the pipe\n');
  assert.equal(screen.play().text, lines('▸ outer', '  ▸ plain'));
  story.say('plain', 'from the inner pipe\n');
  assert.equal(screen.play().text, lines('▸ outer', '  ▸ plain', 'from the inner pipe'));
  story.end('plain');
  assert.equal(screen.play().text, lines('▸ outer', '  ▸ plain', 'from the inner pipe'));
  story.end('inner');
  assert.equal(screen.play().text, lines('▸ outer', '  ▸ plain', 'from the inner pipe', 'from the pipe'));
});

test('live, a whole make in a pipe holds nothing up, even if its graph is known', () => {
  const story = new Story('sh');
  story.event({
    e: 'tool',
    t: 0,
    i: 0 as InstanceId,
    tool: 'make',
    j: ROOT,
    cwd: '',
    argv: [],
    piped: true,
  });
  const options = { ...needs, live: true, knownGraph: () => graphOf({ all: 'a b', a: '', b: '' }) };
  const screen = display(story, options);
  story.event({
    e: 'start',
    t: 1,
    j: 1 as JobId,
    name: 'a',
    parent: ROOT,
    at: 0 as ByteOffset,
    i: 0 as InstanceId,
    aside: true,
    piped: true,
  });
  story.say('sh', 'from the pipe\n');
  assert.equal(screen.play().text, lines('from the pipe'));
});

test('--links refers to a job shown above, except to a job without a header', () => {
  const story = new Story('sh').start('q').say('q', 'text\n').end('q').start('a').link('a', 'q').end('a');
  story.start('aside', { aside: true }).end('aside').link('sh', 'aside').end('sh');
  assert.deepEqual(
    segmentsOf(story.build, [{ job: story.build.jobs[0]! }], { ...launch, links: true }, () => undefined).map(
      describe,
    ),
    ['enter q 0', 'q 0-5', 'leave q 0', 'enter a 0', 'seen q 1', 'leave a 0'],
  );
});

// -- groups ----------------------------------------------------------------------------------------------

test('the jobs of one make are one block at its first link, and the text of make follows', () => {
  const story = new Story('make').say('make', 'entering\n').make('make', ['b', 'a']);
  story.start('a', { make: 'make' }).say('make', 'between\n').start('b', { make: 'make' });
  story.say('b', 'B\n').end('b').say('a', 'A\n').end('a').say('make', 'leaving\n');
  story.graph('make', { a: '', b: '' }).makeEnds('make').end('make');
  assert.equal(replay(story, needs).text, lines('entering', '▸ b', 'B', '▸ a', 'A', 'between', 'leaving'));
  assert.equal(replay(story, launch).text, lines('entering', '▸ a', 'A', 'between', '▸ b', 'B', 'leaving'));
});

/** Two makes write to one log at the same time; `b` was forked first. */
function sideBySide(first: 'a' | 'b'): Story {
  const story = new Story('sh').say('sh', 'begin\n');
  const texts: Record<string, [number, number][]> = { a: [], b: [] };
  const print = (name: string, text: string): void => {
    const from = story.logs.of(ROOT).length;
    story.say('sh', `${name}: ${text}\n`);
    texts[name]?.push([from, story.logs.of(ROOT).length]);
  };
  const order = first === 'a' ? ['a', 'b'] : ['b', 'a'];
  const born: Record<string, string> = { a: '1.1/5.6', b: '1.1/5.5' };
  for (const name of order) {
    story.make('sh', ['all'], name, born[name]);
    print(name, 'enter');
  }
  for (const name of order) story.start(`${name}.o`, { make: name });
  for (const name of order.toReversed()) story.say(`${name}.o`, `${name}.o!\n`).end(`${name}.o`);
  for (const name of order) print(name, 'leave');
  for (const name of order) story.said(name, ...texts[name]!).makeEnds(name);
  return story.say('sh', 'end\n').end('sh');
}

test('parallel makes are ordered by when they were forked, each with its own output', () => {
  const text = lines(
    'begin',
    'b: enter',
    '▸ b.o',
    'b.o!',
    'b: leave',
    'a: enter',
    '▸ a.o',
    'a.o!',
    'a: leave',
    'end',
  );
  for (const first of ['a', 'b'] as const) {
    const story = sideBySide(first);
    assert.equal(replay(story, needs).text, text);
    // As it arrived, in launch order.
    assert.match(
      replay(story, launch).text,
      first === 'a' ? /^begin\na: enter\nb: enter\n/ : /^begin\nb: enter\na: enter\n/,
    );
  }
});

test('parallel nested jobs are ordered by when they were forked; jobs of unknown lineage stay in place', () => {
  const story = new Story('sh').start('y', { born: '1.1/5.9' }).start('x', { born: '1.1/5.8' });
  story.start('unknown').start('w', { born: '1.1/5.7' }).start('v', { born: '1.1/5.6' });
  for (const name of ['y', 'x', 'unknown', 'w', 'v']) story.end(name);
  assert.equal(replay(story.end('sh'), needs).text, lines('▸ x', '▸ y', '▸ unknown', '▸ v', '▸ w'));
});

test('parallel jobs are in one order although the text of the job around came between their starts', () => {
  // A runner prints a line for each script that it starts; the recorder hears of the scripts in any order.
  const text = (order: readonly string[]): string => {
    const story = new Story('sh').say('sh', 'runs all\n');
    for (const [i, name] of order.entries())
      story.say('sh', `> ${i}\n`).start(name, { born: `1.1/5.${'abc'.indexOf(name) + 5}` });
    for (const name of order) story.say(name, `${name}!\n`).end(name);
    return replay(story.say('sh', 'end\n').end('sh'), needs).text;
  };
  const wanted = text(['a', 'b', 'c']);
  assert.equal(wanted, lines('runs all', '> 0', '▸ a', 'a!', '> 1', '▸ b', 'b!', '> 2', '▸ c', 'c!', 'end'));
  for (const order of ['a c b', 'b a c', 'b c a', 'c a b', 'c b a']) {
    const shown = text(order.split(' ')).split('\n');
    assert.deepEqual(
      shown.filter((line) => line.startsWith('▸')),
      ['▸ a', '▸ b', '▸ c'],
    );
    // Nothing is lost, and the text around keeps its order.
    assert.deepEqual(shown.toSorted(), wanted.split('\n').toSorted());
    assert.deepEqual(
      shown.filter((line) => line.startsWith('>')),
      ['> 0', '> 1', '> 2'],
    );
  }
});

test('a link to a job that ran elsewhere stays in place, whenever that job was forked', () => {
  const story = new Story('sh')
    .start('b', { born: '1.1/5.6' })
    .start('a', { parent: 'b', born: '1.1/5.6/5.7' });
  story.end('a').end('b').start('c', { born: '1.1/5.8' }).start('d', { parent: 'c', born: '1.1/5.8/5.9' });
  story.link('c', 'a').end('d').end('c').end('sh');
  const { build } = story;
  const options = { ...needs, links: true };
  const segments = segmentsOf(build, [{ job: build.jobs[3]! }], options, () => undefined).map(describe);
  assert.deepEqual(segments, ['enter c 0', 'enter d 1', 'leave d 1', 'enter a 1', 'leave a 1', 'leave c 0']);
});

test('each byte is printed once even if ranges of a damaged journal overlap or exceed the log', () => {
  const story = new Story('sh').say('sh', 'one\ntwo\nthree\n').make('sh', [], 'a', '1.1/5.5');
  story.make('sh', [], 'b', '1.1/5.6').said('a', [4, 8], [2, 6], [8, 7]).said('b', [0, 6], [8, 99]).end('sh');
  const { text, segments } = replay(story, needs);
  assert.equal(text, 'o\none\ntwthree\n');
  const shown = segments.flatMap((segment) => (segment.kind === 'range' ? [[segment.from, segment.to]] : []));
  assert.deepEqual(
    shown.toSorted(([a = 0], [b = 0]) => a - b),
    [
      [0, 6],
      [6, 8],
      [8, 14],
    ],
  );
});

test('two makes in one log are two blocks, each at its first link, even if their links alternate', () => {
  const story = new Story('sh').make('sh', ['b', 'a'], 'one').make('sh', ['d', 'c'], 'two');
  story.start('a', { make: 'one' }).start('c', { make: 'two' }).say('sh', 'text\n');
  story.start('b', { make: 'one' }).start('d', { make: 'two' });
  for (const name of ['a', 'b', 'c', 'd']) story.end(name);
  story
    .graph('one', { a: '', b: '' })
    .graph('two', { c: '', d: '' })
    .makeEnds('one')
    .makeEnds('two')
    .end('sh');
  assert.equal(replay(story, needs).text, lines('▸ b', '▸ a', '▸ d', '▸ c', 'text'));
});

test('a recursive make is nested below the recipe that ran it', () => {
  const story = new Story('make').make('make', ['all']).start('all', { make: 'make' });
  story.say('all', 'make -C sub\n').make('all', ['x']).start('sub/x', { make: 'all', target: 'x' });
  story
    .say('sub/x', 'X\n')
    .end('sub/x')
    .makeEnds('all')
    .say('all', 'done\n')
    .end('all')
    .makeEnds('make')
    .end('make');
  assert.equal(
    replay(story, needs).text,
    lines('▸ all', 'make -C sub', '  ▸ sub/x', 'X', '▸ all (resumed)', 'done'),
  );
});

test('a target that did not run has no header and no indent, but its needs are visited at any depth', () => {
  const story = new Story('make').make('make', ['all']).start('x', { make: 'make' }).say('x', 'X\n').end('x');
  story.graph('make', { all: 'lib', lib: 'inner', inner: 'x', x: '' }).makeEnds('make').end('make');
  assert.equal(replay(story, needs).text, lines('▸ x', 'X'));
});

test('a need shared by two jobs is shown once, under the first that needs it', () => {
  const story = new Story('make').make('make', ['b', 'a']).start('gen', { make: 'make' }).end('gen');
  for (const name of ['a', 'b']) story.start(name, { make: 'make', needs: 'gen' }).end(name);
  story.graph('make', { a: 'gen', b: 'gen', gen: '' }).makeEnds('make').end('make');
  assert.equal(replay(story, needs).text, lines('▸ b', '  ▸ gen', '▸ a'));
});

test('needs recorded for this run come before those of the graph', () => {
  const story = new Story('make')
    .make('make', ['a'])
    .start('y', { make: 'make' })
    .end('y')
    .start('x', { make: 'make' });
  story.end('x').start('a', { make: 'make', needs: 'x y | z' }).end('a');
  story.graph('make', { a: 'y x', x: '', y: '' }).makeEnds('make').end('make');
  assert.equal(replay(story, needs).text, lines('▸ a', '  ▸ x', '  ▸ y'));
});

test('each double-colon rule is a job with needs of its own', () => {
  const story = new Story('make').make('make', ['all']);
  story
    .start('y', { make: 'make' })
    .end('y')
    .start('all', { make: 'make', needs: 'y', as: 'all1' })
    .end('all1');
  story
    .start('x', { make: 'make' })
    .end('x')
    .start('all', { make: 'make', needs: 'x y', as: 'all2' })
    .end('all2');
  story.graph('make', { all: 'y x', x: '', y: '' }).makeEnds('make').end('make');
  assert.equal(replay(story, needs).text, lines('▸ all', '  ▸ y', '▸ all#2', '  ▸ x'));
});

test('double-colon rules that did not run lead to the needs of all of them', () => {
  const story = new Story('make').make('make', ['all']).start('y', { make: 'make' }).end('y');
  story.start('x', { make: 'make' }).end('x').makeEnds('make').end('make');
  const node = (need: string): GraphNode => ({ name: 'all', needs: [need], recipe: true });
  const own: Graph = new Map();
  setGraph(story.build, story.build.instances[0]!, own);
  assert.equal(replay(story, needs).text, lines('▸ y', '▸ x'), 'without them, in launch order');
  const [first, second] = [node('x'), node('y')];
  setGraph(story.build, story.build.instances[0]!, graphOfNodes([first, second]));
  assert.equal(replay(story, needs).text, lines('▸ x', '▸ y'));
});

test('live, double-colon rules do not hold up the block until make ends', () => {
  const story = new Story('make');
  const graph = graphOf({ all: 'd', d: '' });
  const screen = display(story, { ...needs, knownGraph: () => graph });
  story.make('make', ['all']).start('d', { make: 'make', as: 'd1' });
  story.say('d1', 'one\n').end('d1').start('d', { make: 'make', as: 'd2' }).say('d2', 'two\n').end('d2');
  story.start('all', { make: 'make', needs: 'd' }).say('all', 'ALL\n');
  assert.equal(
    screen.play().text,
    lines('▸ all', '  ▸ d', 'one', '  ▸ d#2', 'two', '▸ all (resumed)', 'ALL'),
  );
});

function graphOfNodes(nodes: readonly GraphNode[]): Graph {
  const merged = new Map<string, GraphNode>();
  for (const node of nodes) {
    const same = merged.get(node.name);
    merged.set(node.name, same ? { ...same, needs: [...same.needs, ...node.needs] } : node);
  }
  return merged;
}

test('a second output of a recipe leads to the job that made it', () => {
  const story = new Story('make').make('make', ['all']).start('p.y', { make: 'make' }).end('p.y');
  story.start('p.c', { make: 'make', needs: 'p.y' }).say('p.c', 'yacc\n').end('p.c');
  story.graph(
    'make',
    { all: 'p.h', 'p.h': 'extra', 'p.c': 'p.y', 'p.y': '', extra: '' },
    { 'p.h': ['p.c'], 'p.c': ['p.h'] },
  );
  story.start('extra', { make: 'make' }).end('extra').makeEnds('make').end('make');
  assert.equal(replay(story, needs).text, lines('▸ p.c', '  ▸ p.y', '▸ p.c (resumed)', 'yacc', '▸ extra'));
});

test('jobs that no goal reaches come first, in the order of make, with their needs below them', () => {
  for (const [first, second] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    const story = new Story('make').make('make', ['all']);
    // Both tools are launched at once; which of the makefiles is next depends on which is ready first.
    for (const name of ['a', 'b']) story.start(`${name}.tool`, { make: 'make' });
    for (const name of [first, second])
      story
        .end(`${name}.tool`)
        .start(`${name}.mk`, { make: 'make', needs: `${name}.tool` })
        .end(`${name}.mk`);
    story.start('all', { make: 'make' }).end('all').graph('make', { all: '' }).makeEnds('make').end('make');
    assert.equal(replay(story, needs).text, lines('▸ a.mk', '  ▸ a.tool', '▸ b.mk', '  ▸ b.tool', '▸ all'));
  }
});

test('jobs in a cycle of needs are shown once', () => {
  const story = new Story('make').make('make', ['all']);
  story.start('a', { make: 'make', needs: 'b' }).end('a').start('b', { make: 'make', needs: 'a' }).end('b');
  story.start('self', { make: 'make', needs: 'self' }).end('self').makeEnds('make').end('make');
  assert.equal(replay(story, needs).text, lines('▸ a', '  ▸ b', '▸ self'), 'no goal reaches the circle');
  story.graph('make', { all: 'self a', a: 'b', b: 'a', self: 'self' });
  assert.equal(replay(story, needs).text, lines('▸ self', '▸ a', '  ▸ b'));
});

test('without goals that the graph has, the roots are the targets that nothing else needs', () => {
  for (const goals of [[], ['nothing']]) {
    const story = new Story('make').make('make', goals);
    story.start('x', { make: 'make' }).end('x').start('a', { make: 'make', needs: 'x' }).end('a');
    story.start('b', { make: 'make' }).end('b').makeEnds('make').end('make');
    assert.equal(replay(story, needs).text, lines('▸ a', '  ▸ x', '▸ b'));
  }
});

test('a goal ./name is the target name', () => {
  const story = new Story('make').make('make', ['./b', './/a']);
  for (const name of ['a', 'b']) story.start(name, { make: 'make' }).end(name);
  story.graph('make', { a: '', b: '' }).makeEnds('make').end('make');
  assert.equal(replay(story, needs).text, lines('▸ b', '▸ a'));
});

test('names with spaces are found in lists of needs that do not escape them', () => {
  const story = new Story('make').make('make', ['all']).start('a b', { make: 'make' }).end('a b');
  story.start('a', { make: 'make' }).end('a').start('b c', { make: 'make' }).end('b c');
  story.start('all', { make: 'make', needs: 'a b c a b' }).end('all').makeEnds('make').end('make');
  assert.equal(replay(story, needs).text, lines('▸ a', '▸ b c', '▸ all', '  ▸ a b'), 'a b, c, a b');
});

test('archive members are found although make lists them without their archives', () => {
  const story = new Story('make').make('make', ['all']);
  for (const name of ['z', 'm.o', 'one.a(m.o)', 'two.a(m.o)', 'y'])
    story.start(name, { make: 'make' }).end(name);
  story.start('all', { make: 'make', needs: 'z m.o m.o m.o y' }).end('all');
  const all = 'z two.a(m.o) m.o one.a(m.o) y';
  story.graph('make', { all, z: '', 'm.o': '', 'one.a(m.o)': 'm.o', 'two.a(m.o)': 'm.o', y: '' });
  story.makeEnds('make').end('make');
  const below = ['  ▸ z', '  ▸ two.a(m.o)', '    ▸ m.o', '  ▸ one.a(m.o)', '  ▸ y'];
  assert.equal(replay(story, needs).text, lines('▸ all', ...below));
});

test('show of a target without a job prints its needs', () => {
  const story = new Story('make').make('make', ['all']);
  for (const name of ['x', 'y', 'z']) story.start(name, { make: 'make' }).end(name);
  story.graph('make', { all: 'lib z', lib: 'y x', x: '', y: '', z: '' }).makeEnds('make').end('make');
  const roots = [{ instance: story.build.instances[0]!, target: 'lib' }];
  assert.equal(replay(story, needs, roots).text, lines('▸ y', '▸ x'));
});

// -- names, commands, late bytes -------------------------------------------------------------------------

test('show of one job of a cycle prints what it requested, not the whole group', () => {
  const story = new Story('redo').make('redo', ['all']);
  story.graph('redo', { all: 'a b', a: 'c', b: 'c', c: '' });
  for (const name of ['all', 'a', 'b', 'c']) story.start(name, { make: 'redo' });
  story.link('a', 'c').link('b', 'c').link('all', 'a').link('all', 'b');
  for (const name of ['c', 'b', 'a', 'all']) story.say(name, `${name}\n`).end(name);
  assert.equal(
    replay(story, needs, [{ job: job(story, 'b') }]).text,
    lines('▸ b', '  ▸ c', 'c', '▸ b (resumed)', 'b'),
  );
});

test('the second job of a name is the one shown second, whichever was started first', () => {
  for (const [first, second] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    const story = new Story('make')
      .make('make', ['all'])
      .start('a', { make: 'make' })
      .start('b', { make: 'make' });
    for (const name of [first, second]) story.start('test', { parent: name, as: `${name}.test` });
    for (const name of ['a', 'b']) story.say(`${name}.test`, `${name}\n`).end(`${name}.test`).end(name);
    story.graph('make', { all: 'b a', a: '', b: '' }).makeEnds('make').end('make');
    assert.equal(replay(story, needs).text, lines('▸ b', '  ▸ test', 'b', '▸ a', '  ▸ test#2', 'a'));
  }
});

test('a target named like the second job of another target gets a name of its own', () => {
  const story = new Story('sh');
  for (const [i, name] of ['a', 'a#2', 'a', 'a', 'a#2'].entries())
    story.start(name, { as: `${i}` }).end(`${i}`);
  assert.equal(replay(story.end('sh'), needs).text, lines('▸ a', '▸ a#2', '▸ a#3', '▸ a#4', '▸ a#2#2'));
});

test('the root job has a name only if -t gives it one', () => {
  const named = new Story('make', 'all').make('all', ['all']).start('all', { make: 'all', as: 'target' });
  named.end('target').makeEnds('all').end('all');
  assert.equal(replay(named, { ...needs, rootHeader: true }).text, lines('▸ all', '  ▸ all#2'));
  const screen = display(named, { ...needs, rootHeader: true });
  assert.equal(screen.play().text, lines('▸ all', '  ▸ all#2'));
  const unnamed = new Story('make').make('make', ['make']).start('make', { make: 'make', as: 'target' });
  unnamed.end('target').say('make', 'text\n').makeEnds('make').end('make');
  assert.equal(replay(unnamed, needs).text, lines('▸ make', 'text'));
});

test('--commands prints a command that the log does not echo, before the blocks that it launched', () => {
  const story = new Story('sh')
    .start('a')
    .step('a', 'cc -c a.c', true)
    .say('a', 'warning\n')
    .step('a', 'make -C sub');
  story
    .make('a', ['x'])
    .start('x', { make: 'a' })
    .step('x', 'true')
    .end('x')
    .makeEnds('a')
    .step('a', 'touch a')
    .end('a')
    .end('sh');
  assert.deepEqual(replay(story, { ...needs, commands: true }).segments.map(describe), [
    'enter a 0',
    'a 0-18',
    'a $ make -C sub',
    'enter x 1',
    'x $ true',
    'leave x 1',
    'resume a 0',
    'a $ touch a',
    'leave a 0',
  ]);
});

test('late bytes and late launches are in place on replay and at the end of a live build', () => {
  const story = new Story('sh');
  const screen = display(story, launch);
  story.start('a').say('a', 'A\n').end('a', { exit: 1 });
  screen.play();
  story.start('b').say('b', 'B\n');
  screen.play();
  story.say('a', 'late\n').start('c', { parent: 'a' }).say('c', 'C\n').end('c').end('b').end('sh');
  assert.equal(
    screen.play().text,
    lines('▸ a', 'A', '✗ a (exit 1)', '▸ b', 'B', '▸ a (resumed)', 'late', '  ▸ c', 'C').replace(
      '  ▸ c',
      '  ▸ c',
    ),
  );
  assert.equal(
    replay(story, launch).text,
    lines('▸ a', 'A', 'late', '  ▸ c', 'C', '✗ a (exit 1)', '▸ b', 'B'),
  );
});

test('late bytes of the root job have no header', () => {
  const story = new Story('sh');
  const screen = display(story, launch);
  story.say('sh', 'one\n').end('sh');
  screen.play();
  assert.equal(screen.state, 'done');
  assert.equal(screen.text, 'one\n');
});

test('an interrupted build is shown as far as it got', () => {
  const story = new Story('make')
    .make('make', ['all'])
    .start('a', { make: 'make' })
    .say('a', 'A')
    .start('b', { make: 'make' });
  assert.equal(replay(story, needs).text, lines('▸ a', 'A', '▸ b'));
});

// -- size ------------------------------------------------------------------------------------------------

/** Counts the segments of a walk and its deepest stack, and keeps none. */
function measure(walk: Walk): { segments: number; deepest: number } {
  let segments = 0;
  let deepest = 0;
  for (let next = walk.next(); next !== 'done' && next !== 'wait'; next = walk.next()) {
    segments++;
    if (next.kind === 'enter') deepest = Math.max(deepest, next.depth);
  }
  return { segments, deepest };
}

/** A make with this many targets; each needs what `needsOf` returns. */
function manyJobs(
  count: number,
  needsOf: (i: number) => readonly string[],
  ran: (i: number) => boolean = () => true,
) {
  const build = emptyBuild();
  reduce(build, { e: 'build', v: 1, id: 'big', at: 0, argv: ['make'], cwd: '', pid: 1 });
  reduce(build, { e: 'tool', t: 0, i: 0 as InstanceId, tool: 'make', j: ROOT, cwd: '', argv: ['make'] });
  reduce(build, { e: 'goals', i: 0 as InstanceId, goals: ['t0'] });
  const graph = new Map<string, GraphNode>();
  let j = 0;
  for (let i = count - 1; i >= 0; i--) {
    const name = `t${i}`;
    graph.set(name, { name, needs: needsOf(i), recipe: ran(i) });
    if (!ran(i)) continue;
    j++;
    const at = 0 as ByteOffset;
    reduce(build, {
      e: 'start',
      t: i,
      j: j as JobId,
      name,
      parent: ROOT,
      at,
      i: 0 as InstanceId,
      needs: needsOf(i).join(' '),
    });
    reduce(build, { e: 'end', t: i, j: j as JobId, status: { exit: 0 }, size: 10 as ByteOffset });
  }
  setGraph(build, build.instances[0]!, graph);
  reduce(build, { e: 'toolend', t: count, i: 0 as InstanceId });
  return build;
}

test('a chain of 100,000 needs does not overflow the stack and has three segments a job', () => {
  const count = 100_000;
  const build = manyJobs(count, (i) => (i + 1 < count ? [`t${i + 1}`] : []));
  const { segments, deepest } = measure(
    new TheWalk(build, [{ job: build.jobs[0]! }], needs, () => undefined),
  );
  assert.equal(deepest, count - 1);
  // A header, its bytes, its end; "resumed" for all but the deepest.
  assert.equal(segments, 4 * count - 1);
});

test('a chain of 100,000 targets of which every other ran does not overflow the stack', () => {
  const count = 100_000;
  const build = manyJobs(
    count,
    (i) => (i + 1 < count ? [`t${i + 1}`] : []),
    (i) => i % 2 === 0,
  );
  const { deepest } = measure(new TheWalk(build, [{ job: build.jobs[0]! }], needs, () => undefined));
  assert.equal(deepest, count / 2 - 1);
});

test('100,000 jobs of one target have a linear number of segments, and the walk keeps no log', () => {
  const count = 100_000;
  const names = Array.from({ length: count - 1 }, (_, i) => `t${i + 1}`);
  const build = manyJobs(count, (i) => (i === 0 ? names : []));
  const walk = new TheWalk(build, [{ job: build.jobs[0]! }], needs, () => undefined);
  assert.equal(measure(walk).segments, 3 * count + 1);
  const inLaunchOrder = new TheWalk(build, [{ job: build.jobs[0]! }], launch, () => undefined);
  assert.equal(measure(inLaunchOrder).segments, 3 * count);
});

test('without known goals, a target needed under the name of another output of its rule is no root', () => {
  const story = new Story('make').make('make');
  story.start('a', { make: 'make' }).say('a', 'a and b\n').end('a');
  story.start('prog', { make: 'make', needs: 'b' }).say('prog', 'prog\n').end('prog');
  story.graph('make', { a: '', b: '', prog: 'b' }, { a: ['b'], b: ['a'] });
  story.makeEnds('make').end('make');
  assert.equal(replay(story, needs).text, lines('▸ prog', '  ▸ a', 'a and b', '▸ prog (resumed)', 'prog'));
});

test('live, jobs of equal rank that ended before they were shown are taken in launch order', () => {
  const story = new Story('make');
  const screen = display(story, { ...needs, knownGraph: () => graphOf({ all: 'a', a: '' }) });
  story.make('make', ['all']);
  // Several rules for `a` alternate with targets that no earlier build had.
  const launched = ['t3', 'a1', 't1', 'a2', 't2', 'a3', 't5', 'a4', 't4', 'a5'];
  for (const as of launched)
    story.start(as, { make: 'make', as, ...(as.startsWith('a') ? { target: 'a' } : {}) });
  for (const as of launched.toSorted()) story.say(as, `${as}\n`).end(as);
  const order = ['a1', 'a2', 'a3', 'a4', 'a5', 't3', 't1', 't2', 't5', 't4'];
  assert.equal(screen.play().text, lines(...order.flatMap((as) => [`▸ ${as}`, as])));
});

test('live, 100,000 jobs that ended before they were shown are taken in order', () => {
  const count = 100_000;
  const names = Array.from({ length: count - 1 }, (_, i) => `t${i + 1}`);
  const build = manyJobs(count, (i) => (i === 0 ? names : []));
  const graph = build.instances[0]!.graph;
  const options = { ...needs, live: true, knownGraph: () => graph };
  reduce(build, { e: 'end', t: count, j: ROOT, size: 0 as ByteOffset });
  assert.equal(
    measure(new TheWalk(build, [{ job: build.jobs[0]! }], options, () => undefined)).segments,
    3 * count + 1,
  );
});

test('a log of any size is one segment', () => {
  const build = emptyBuild();
  reduce(build, { e: 'build', v: 1, id: 'big', at: 0, argv: ['sh'], cwd: '', pid: 1 });
  const size = (2 ** 40) as ByteOffset;
  reduce(build, { e: 'end', t: 1, j: ROOT, size });
  const segments = segmentsOf(build, [{ job: build.jobs[0]! }], needs, () => undefined);
  assert.deepEqual(segments.map(describe), [`sh 0-${size}`]);
});
