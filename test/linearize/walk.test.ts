// The walk, case by case. What holds for every build is in properties.test.ts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Walk } from '../../src/linearize/walk.ts';
import { Walk as TheWalk } from '../../src/linearize/walk.ts';
import { type Job, emptyBuild, reduce } from '../../src/model/build.ts';
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

// -- worked example 1 ----------------------------------------------------------------------------------------------------------

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

/** @param runner which of X, Y, Z runs Q; the others wait for it. @param order in which they finish. */
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

test('example 1: whichever script runs the shared job, and whichever finishes first, one log', () => {
  for (const runner of ['X', 'Y', 'Z'])
    for (const order of ORDERS)
      for (const options of [needs, launch]) {
        const story = new Story('A', 'A');
        tellExample1(story, runner, order);
        assert.equal(replay(story, { ...options, rootHeader: true }).text, EXAMPLE_1);
      }
});

test('example 1, live: the same', () => {
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

test('example 1: show Z has the shared job under Z, although another ran it', () => {
  for (const runner of ['X', 'Y', 'Z']) {
    const story = new Story('A', 'A');
    tellExample1(story, runner, ['X', 'Y', 'Z']);
    assert.equal(
      replay(story, needs, [{ job: job(story, 'Z') }]).text,
      lines('▸ Z', '  ▸ Q', 'building Q', '▸ Z (resumed)', 'Z done'),
    );
  }
});

test('a need that did not run in this build shows nothing', () => {
  const story = new Story('./Z', 'Z').need('Z', 'Q').say('Z', 'Z done\n').end('Z');
  assert.equal(replay(story, { ...needs, rootHeader: true }).text, lines('▸ Z', 'Z done'));
});

// -- worked example 2 ----------------------------------------------------------------------------------------------------------

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

test('example 2: one make, whatever ran first', () => {
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

test('example 2, the first build, live: at the links, in launch order', () => {
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

test('example 2, the second build, live: the first in order of what runs or ended is next', () => {
  const story = new Story('make');
  const screen = display(story, { ...needs, knownGraph: () => graphOf(EXAMPLE_2_GRAPH) });
  story.make('make', ['all']).start('gen.h', { make: 'make' }).say('gen.h', 'generating gen.h\n');
  // Before liba, since that may never start; and the block is not broken up when it does.
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

// -- links ---------------------------------------------------------------------------------------------------------------------

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

test('a link inside a last line without newline is shown after it', () => {
  const story = new Story('sh').say('sh', 'no newline').start('a').say('a', 'from a').end('a').end('sh');
  assert.equal(replay(story, launch).text, lines('no newline', '▸ a', 'from a'));
});

test('links at one offset are shown in the order of their launches', () => {
  const story = new Story('sh').say('sh', 'x\n');
  for (const name of ['c', 'a', 'b']) story.start(name).end(name);
  story.end('sh');
  assert.equal(replay(story, launch).text, lines('x', '▸ c', '▸ a', '▸ b'));
});

test('two links inside one line, and one right after it', () => {
  const story = new Story('sh').say('sh', 'one ').start('a').end('a').say('sh', 'two ').start('b').end('b');
  story.say('sh', 'three\n').start('c').end('c').say('sh', 'four\n').end('sh');
  assert.equal(replay(story, launch).text, lines('one two three', '▸ a', '▸ b', '▸ c', 'four'));
});

test('resumed headers only where bytes follow', () => {
  const story = new Story('sh', 'top').start('a', { parent: 'top' }).start('b', { parent: 'a' });
  story.say('b', 'from b\n').end('b').end('a').end('top');
  assert.equal(
    replay(story, { ...launch, rootHeader: true }).text,
    lines('▸ top', '  ▸ a', '    ▸ b', 'from b'),
  );
});

test('a job that failed says so after its log, also when it is silent', () => {
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

test('a silent job has its header; one whose output went elsewhere only if its log says something', () => {
  const story = new Story('sh').start('silent').end('silent').start('aside', { aside: true }).end('aside');
  story.start('stderr', { aside: true }).say('stderr', 'warning\n').end('stderr').end('sh');
  assert.equal(replay(story, launch).text, lines('▸ silent', '▸ stderr', 'warning'));
});

test('a job whose output went elsewhere has a header when a job below it has one', () => {
  const story = new Story('sh').start('aside', { aside: true }).start('below', { parent: 'aside' });
  story.say('below', 'text\n').end('below').end('aside').say('sh', 'end\n').end('sh');
  assert.equal(replay(story, launch).text, lines('▸ aside', '  ▸ below', 'text', 'end'));
});

test('--links says where a job is that was shown above; of those that have no header it says nothing', () => {
  const story = new Story('sh').start('q').say('q', 'text\n').end('q').start('a').link('a', 'q').end('a');
  story.start('aside', { aside: true }).end('aside').link('sh', 'aside').end('sh');
  assert.deepEqual(
    segmentsOf(story.build, [{ job: story.build.jobs[0]! }], { ...launch, links: true }, () => undefined).map(
      describe,
    ),
    ['enter q 0', 'q 0-5', 'leave q 0', 'enter a 0', 'seen q 1', 'leave a 0'],
  );
});

// -- groups --------------------------------------------------------------------------------------------------------------------

test('the jobs of one make are one block at its first link; its own text follows', () => {
  const story = new Story('make').say('make', 'entering\n').make('make', ['b', 'a']);
  story.start('a', { make: 'make' }).say('make', 'between\n').start('b', { make: 'make' });
  story.say('b', 'B\n').end('b').say('a', 'A\n').end('a').say('make', 'leaving\n');
  story.graph('make', { a: '', b: '' }).makeEnds('make').end('make');
  assert.equal(replay(story, needs).text, lines('entering', '▸ b', 'B', '▸ a', 'A', 'between', 'leaving'));
  assert.equal(replay(story, launch).text, lines('entering', '▸ a', 'A', 'between', '▸ b', 'B', 'leaving'));
});

test('two makes in one log are two blocks, each at its first link, though their links alternate', () => {
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

test('a target that did not run has no header and no indent, but its needs are visited, also through several', () => {
  const story = new Story('make').make('make', ['all']).start('x', { make: 'make' }).say('x', 'X\n').end('x');
  story.graph('make', { all: 'lib', lib: 'inner', inner: 'x', x: '' }).makeEnds('make').end('make');
  assert.equal(replay(story, needs).text, lines('▸ x', 'X'));
});

test('a need shared by two is shown once, under the first that needs it', () => {
  const story = new Story('make').make('make', ['b', 'a']).start('gen', { make: 'make' }).end('gen');
  for (const name of ['a', 'b']) story.start(name, { make: 'make', needs: 'gen' }).end(name);
  story.graph('make', { a: 'gen', b: 'gen', gen: '' }).makeEnds('make').end('make');
  assert.equal(replay(story, needs).text, lines('▸ b', '  ▸ gen', '▸ a'));
});

test('the needs of this very run come before those of the graph', () => {
  const story = new Story('make')
    .make('make', ['a'])
    .start('y', { make: 'make' })
    .end('y')
    .start('x', { make: 'make' });
  story.end('x').start('a', { make: 'make', needs: 'x y | z' }).end('a');
  story.graph('make', { a: 'y x', x: '', y: '' }).makeEnds('make').end('make');
  assert.equal(replay(story, needs).text, lines('▸ a', '  ▸ x', '  ▸ y'));
});

test('double-colon rules: each is a job, in its turn, with the needs of its own', () => {
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

test('double-colon rules that did not run: the needs of all of them', () => {
  const story = new Story('make').make('make', ['all']).start('y', { make: 'make' }).end('y');
  story.start('x', { make: 'make' }).end('x').makeEnds('make').end('make');
  const node = (need: string): GraphNode => ({ name: 'all', needs: [need], recipe: true });
  const own: Graph = new Map();
  story.build.instances[0]!.graph = own;
  assert.equal(replay(story, needs).text, lines('▸ y', '▸ x'), 'without them, in launch order');
  const [first, second] = [node('x'), node('y')];
  story.build.instances[0]!.graph = graphOfNodes([first, second]);
  assert.equal(replay(story, needs).text, lines('▸ x', '▸ y'));
});

test('double-colon rules, live: the block is not held up until make ends', () => {
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

test('what one recipe makes beside its target leads to the job that made it', () => {
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

test('jobs that no goal reaches come first, in the order in which make came to them, their needs below them', () => {
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

test('jobs that need each other in a circle are shown all the same, once', () => {
  const story = new Story('make').make('make', ['all']);
  story.start('a', { make: 'make', needs: 'b' }).end('a').start('b', { make: 'make', needs: 'a' }).end('b');
  story.start('self', { make: 'make', needs: 'self' }).end('self').makeEnds('make').end('make');
  assert.equal(replay(story, needs).text, lines('▸ a', '  ▸ b', '▸ self'), 'no goal reaches the circle');
  story.graph('make', { all: 'self a', a: 'b', b: 'a', self: 'self' });
  assert.equal(replay(story, needs).text, lines('▸ self', '▸ a', '  ▸ b'));
});

test('unknown goals: what no other job needs; a goal that the graph does not have: that and the rest', () => {
  for (const goals of [[], ['nothing']]) {
    const story = new Story('make').make('make', goals);
    story.start('x', { make: 'make' }).end('x').start('a', { make: 'make', needs: 'x' }).end('a');
    story.start('b', { make: 'make' }).end('b').makeEnds('make').end('make');
    assert.equal(replay(story, needs).text, lines('▸ a', '  ▸ x', '▸ b'));
  }
});

test('a goal given as ./name is the target name', () => {
  const story = new Story('make').make('make', ['./b', './/a']);
  for (const name of ['a', 'b']) story.start(name, { make: 'make' }).end(name);
  story.graph('make', { a: '', b: '' }).makeEnds('make').end('make');
  assert.equal(replay(story, needs).text, lines('▸ b', '▸ a'));
});

test('names with spaces are found in the lists of needs, which do not escape them', () => {
  const story = new Story('make').make('make', ['all']).start('a b', { make: 'make' }).end('a b');
  story.start('a', { make: 'make' }).end('a').start('b c', { make: 'make' }).end('b c');
  story.start('all', { make: 'make', needs: 'a b c a b' }).end('all').makeEnds('make').end('make');
  assert.equal(replay(story, needs).text, lines('▸ a', '▸ b c', '▸ all', '  ▸ a b'), 'a b, c, a b');
});

test('show of a target without a job of its own shows its needs', () => {
  const story = new Story('make').make('make', ['all']);
  for (const name of ['x', 'y', 'z']) story.start(name, { make: 'make' }).end(name);
  story.graph('make', { all: 'lib z', lib: 'y x', x: '', y: '', z: '' }).makeEnds('make').end('make');
  const roots = [{ instance: story.build.instances[0]!, target: 'lib' }];
  assert.equal(replay(story, needs, roots).text, lines('▸ y', '▸ x'));
});

// -- names, commands, late bytes -------------------------------------------------------------------------------------------------

test('show of one of several jobs that ask each other: what it asked for, not the whole group', () => {
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

test('the second job of a name is the second that is shown, whichever was started first', () => {
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

test('a target that is called as the second of another: no two jobs have one name', () => {
  const story = new Story('sh');
  for (const [i, name] of ['a', 'a#2', 'a', 'a', 'a#2'].entries())
    story.start(name, { as: `${i}` }).end(`${i}`);
  assert.equal(replay(story.end('sh'), needs).text, lines('▸ a', '▸ a#2', '▸ a#3', '▸ a#4', '▸ a#2#2'));
});

test('the root job takes a name only where -t gave it one', () => {
  const named = new Story('make', 'all').make('all', ['all']).start('all', { make: 'all', as: 'target' });
  named.end('target').makeEnds('all').end('all');
  assert.equal(replay(named, { ...needs, rootHeader: true }).text, lines('▸ all', '  ▸ all#2'));
  const screen = display(named, { ...needs, rootHeader: true });
  assert.equal(screen.play().text, lines('▸ all', '  ▸ all#2'));
  const unnamed = new Story('make').make('make', ['make']).start('make', { make: 'make', as: 'target' });
  unnamed.end('target').say('make', 'text\n').makeEnds('make').end('make');
  assert.equal(replay(unnamed, needs).text, lines('▸ make', 'text'));
});

test('--commands says what ran where the log does not, before the blocks that it launched', () => {
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

test('late bytes and late launches: in place on replay, at the end of a live build', () => {
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

test('a build that was interrupted is shown as far as it got', () => {
  const story = new Story('make')
    .make('make', ['all'])
    .start('a', { make: 'make' })
    .say('a', 'A')
    .start('b', { make: 'make' });
  assert.equal(replay(story, needs).text, lines('▸ a', 'A', '▸ b'));
});

// -- size ------------------------------------------------------------------------------------------------------------------------

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

/** A make with this many targets; each needs what `needsOf` says. */
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
  build.instances[0]!.graph = graph;
  reduce(build, { e: 'toolend', t: count, i: 0 as InstanceId });
  return build;
}

test('a chain of 100,000 needs: no stack overflow, three segments a job', () => {
  const count = 100_000;
  const build = manyJobs(count, (i) => (i + 1 < count ? [`t${i + 1}`] : []));
  const { segments, deepest } = measure(
    new TheWalk(build, [{ job: build.jobs[0]! }], needs, () => undefined),
  );
  assert.equal(deepest, count - 1);
  // A header, its bytes, its end; "resumed" for all but the deepest.
  assert.equal(segments, 4 * count - 1);
});

test('a chain of 100,000 targets of which only every other ran', () => {
  const count = 100_000;
  const build = manyJobs(
    count,
    (i) => (i + 1 < count ? [`t${i + 1}`] : []),
    (i) => i % 2 === 0,
  );
  const { deepest } = measure(new TheWalk(build, [{ job: build.jobs[0]! }], needs, () => undefined));
  assert.equal(deepest, count / 2 - 1);
});

test('100,000 jobs of one target: the number of segments is linear, the walk holds none of the logs', () => {
  const count = 100_000;
  const names = Array.from({ length: count - 1 }, (_, i) => `t${i + 1}`);
  const build = manyJobs(count, (i) => (i === 0 ? names : []));
  const walk = new TheWalk(build, [{ job: build.jobs[0]! }], needs, () => undefined);
  assert.equal(measure(walk).segments, 3 * count + 1);
  const inLaunchOrder = new TheWalk(build, [{ job: build.jobs[0]! }], launch, () => undefined);
  assert.equal(measure(inLaunchOrder).segments, 3 * count);
});

test('live, 100,000 jobs that ended unshown are taken in order', () => {
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

test('ranges are ranges: a log of any size is one segment', () => {
  const build = emptyBuild();
  reduce(build, { e: 'build', v: 1, id: 'big', at: 0, argv: ['sh'], cwd: '', pid: 1 });
  const size = (2 ** 40) as ByteOffset;
  reduce(build, { e: 'end', t: 1, j: ROOT, size });
  const segments = segmentsOf(build, [{ job: build.jobs[0]! }], needs, () => undefined);
  assert.deepEqual(segments.map(describe), [`sh 0-${size}`]);
});
