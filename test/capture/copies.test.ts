// What the reader of a pipe prints again: which of its lines are those of the jobs that wrote into the pipe.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Copies } from '../../src/capture/copies/copies.ts';
import type { PipedStreams } from '../../src/capture/copies/pipe.ts';

/** A reader, and jobs that write into its pipes. */
class Scene {
  /** The reader's own log. */
  own = '';
  /** What is shown of the jobs' logs. */
  readonly settled: Record<string, [to: number, swallowed: readonly (readonly [number, number])[]]> = {};
  readonly shown: string[] = [];
  readonly idle: string[] = [];
  coming = false;
  now = 0;
  readonly #sizes = new Map<string, number>();
  readonly copies = new Copies<string>({
    append: (bytes) => {
      this.own += bytes.toString();
    },
    shown: (bytes) => {
      this.shown.push(bytes.toString());
    },
    settled: (job, to, swallowed) => {
      this.settled[job] = [to, [...(this.settled[job]?.[1] ?? []), ...swallowed]];
    },
    idle: (pipe) => {
      this.idle.push(pipe);
    },
    isComing: () => this.coming,
  });

  constructor(pipe = 'make', streams: PipedStreams = 'all', isRunners = false) {
    this.copies.open(pipe, streams, isRunners);
  }

  /** A job writes into the pipe. */
  writes(job: string, text: string, pipe = 'make'): this {
    const at = this.#sizes.get(job) ?? 0;
    this.#sizes.set(job, at + text.length);
    this.copies.added(job, pipe, at, Buffer.from(text));
    return this;
  }

  /** The reader prints. */
  prints(text: string): this {
    this.copies.read(Buffer.from(text), this.now);
    this.copies.poll(this.now);
    return this;
  }
}

test('a reader that passes everything on has nothing of its own, however its output is cut', () => {
  for (const cut of [1, 2, 3, 100]) {
    const scene = new Scene().writes('a', 'one\n\ntwo\n').writes('b', 'three\n');
    const text = 'one\n\nthree\ntwo\n';
    for (let at = 0; at < text.length; at += cut) scene.prints(text.slice(at, at + cut));
    assert.equal(scene.own, '');
    assert.deepEqual(scene.settled, { a: [9, []], b: [6, []] });
  }
});

test('what it adds or changes is its own, and what it leaves out is settled by what comes after it', () => {
  const scene = new Scene().writes('a', 'one\nwarning\ntwo\nthree\n');
  scene.prints('begin\none\nTWO\nthree\n');
  assert.equal(scene.own, 'begin\nTWO\n');
  assert.deepEqual(scene.settled, { a: [22, [[4, 16]]] });
});

test('what it never prints is settled when it ends', () => {
  const scene = new Scene().writes('a', 'one\ntwo\nrest');
  scene.prints('one\n');
  assert.deepEqual(scene.settled, { a: [4, []] });
  scene.copies.finish(0);
  assert.deepEqual(scene.settled, { a: [12, [[4, 12]]] });
});

test('colours and a prefix do not count, the prefix of each job is learned, and so blank lines are known', () => {
  const scene = new Scene().writes('lint', 'src/a.ts\n\ndone now\n').writes('test', 'ok 1\n');
  scene.prints('\x1b[34m[lint]\x1b[0m src/a.ts\n[test] \x1b[32mok 1\x1b[0m\n[lint] \n[lint] done now\n');
  scene.prints('[lint] exited with 0\n');
  assert.equal(scene.own, '[lint] exited with 0\n');
  assert.deepEqual(scene.settled, { lint: [19, []], test: [5, []] });
});

test('a prefix is learned although the reader leaves out blank lines, and a few others', () => {
  const scene = new Scene().writes('a', '\n\nfirst line\nsecond line\nthird line\n');
  scene.prints('a: second line\na: third line\n');
  assert.equal(scene.own, '');
  assert.deepEqual(scene.settled, { a: [36, [[0, 13]]] });
});

test('a line far ahead in a log teaches no prefix', () => {
  const scene = new Scene().writes('a', `${'so it goes\n'.repeat(9)}done now\n`);
  scene.prints('tool: done now\n');
  assert.equal(scene.own, 'tool: done now\n');
  assert.deepEqual(scene.settled, {});
});

test('of jobs with the same lines, the one is taken that is named in the prefix, or that has none yet', () => {
  for (const [names, prefixes] of [
    [
      ['@x/app build', '@x/lib build'],
      ['libs/lib build: ', 'libs/app build: '],
    ],
    [
      ['app', 'lib'],
      ['[1] ', '[0] '],
    ],
  ] as const) {
    const scene = new Scene();
    for (const name of names) scene.copies.open(name, 'all', true, name);
    for (const name of names) scene.writes(name, `same line\nof ${name}\nsame end\n`, name);
    const [app, lib] = names;
    const isNamed = prefixes[0].includes('lib');
    const order = isNamed ? [lib, app] : [app, lib];
    for (const i of [0, 1]) scene.prints(`${prefixes[i]}same line\n`);
    for (const i of [0, 1]) scene.prints(`${prefixes[i]}of ${order[i]!}\n${prefixes[i]}same end\n`);
    assert.equal(scene.own, '');
    const size = `same line\nof ${app}\nsame end\n`.length;
    assert.deepEqual(scene.settled, { [app]: [size, []], [lib]: [size, []] });
  }
});

test('a text inside a line is no line, and a short one teaches no prefix', () => {
  const scene = new Scene().writes('a', 'ok\n').writes('b', 'warning: x\n');
  scene.prints('that is not ok\nno warning: x\n');
  assert.equal(scene.own, 'that is not ok\n');
  scene.prints('ok\n');
  assert.equal(scene.own, 'that is not ok\n');
});

test('of equal lines the one is taken that comes next in its log', () => {
  const scene = new Scene().writes('a', 'first\nsame\n').writes('b', 'same\nlast\n');
  scene.prints('same\n');
  assert.deepEqual(scene.settled, { b: [5, []] });
  scene.prints('first\nlast\nsame\n');
  assert.deepEqual(scene.settled, { a: [11, []], b: [10, []] });
  assert.equal(scene.own, '');
});

test("an ended job's last line without a newline is found where the next one continues it", () => {
  const scene = new Scene().writes('a', 'no newline');
  scene.copies.ended('a');
  scene.writes('b', 'next\n').prints('no newlinenext\n');
  assert.equal(scene.own, '');
  assert.deepEqual(scene.settled, { a: [10, []], b: [5, []] });
});

test('the reader waits for text that has not come to a log yet, but not for ever', () => {
  const scene = new Scene();
  scene.coming = true;
  scene.writes('a', 'one\n').prints('two\n');
  assert.equal(scene.own, '');
  scene.writes('a', 'two\n');
  scene.prints('x\n');
  assert.equal(scene.own, '');
  scene.now = 1000;
  scene.copies.poll(scene.now);
  assert.equal(scene.own, 'x\n');
  assert.deepEqual(scene.settled, { a: [8, [[0, 4]]] });
});

test('an unfinished line of the reader is shown at once if no job has one that begins so', () => {
  const scene = new Scene().writes('a', 'Compiling\n');
  assert.equal(scene.prints('Continue? ').own, 'Continue? ');
  assert.equal(scene.prints('Comp').own, 'Continue? ');
  assert.equal(scene.prints('iling\n').own, 'Continue? ');
});

test('with one stream in the pipe, the other is shown at once, even if it says the same', () => {
  const scene = new Scene('make', 'stdout');
  scene.copies.forwarded('make', '7', Buffer.from('out\nsame\n'));
  scene.writes('a', 'err\nout\nsame\nsame\n');
  scene.copies.poll(0);
  assert.deepEqual(scene.settled, { a: [4, []] });
  scene.prints('out\nsame\n');
  assert.equal(scene.own, '');
  assert.deepEqual(scene.settled, { a: [18, []] });
});

test('two streams of a job may be printed in any order', () => {
  const scene = new Scene('x', 'both');
  scene.copies.forwarded('x', '7', Buffer.from('out 1\nout 2\n'));
  scene.copies.forwarded('x', '8', Buffer.from('err 1\n'));
  scene.writes('a', 'out 1\nerr 1\nout 2\n', 'x').prints('err 1\nout 1\nout 2\n');
  assert.equal(scene.own, '');
  assert.deepEqual(scene.settled, { a: [18, []] });
});

test('a prefix is learned from either stream, whichever the reader prints first', () => {
  const scene = new Scene('web', 'both');
  scene.copies.forwarded('web', 'out', Buffer.from('first line\n'));
  scene.copies.forwarded('web', 'err', Buffer.from('a warning\n'));
  scene.writes('web', 'first line\n', 'web').writes('web', 'a warning\n', 'web');
  scene.prints('web: a warning\nweb: first line\n');
  assert.equal(scene.own, '');
  assert.deepEqual(scene.settled, { web: [21, []] });
});

test('after the end of a pipe, a prefix is learned if it names the job', () => {
  for (const [prefix, own] of [
    ['@x/web:build: ', ''],
    ['got web: ', 'got web: first line\n'],
  ] as const) {
    const scene = new Scene();
    scene.copies.open('web', 'all', false, '@x/web build');
    scene.writes('web', 'first line\n', 'web');
    scene.copies.close('web', 0);
    assert.equal(scene.prints(`${prefix}first line\n`).own, own);
  }
});

test('a line that a tool shows before it prints it, or without its count, is printed once', () => {
  const scene = new Scene('ninja', 'stdout');
  scene.copies.echo('ninja', Buffer.from('CC main.o\n'));
  scene.writes('main.o', 'CC main.o\n', 'ninja');
  scene.copies.forwarded('ninja', '3', Buffer.from('[1/4] CC main.o\n'));
  scene.prints('[1/4] CC main.o\n');
  assert.equal(scene.own, '');
  assert.deepEqual(scene.settled, { 'main.o': [10, []] });
});

test('after the end of the pipe, a short line is not taken for one that was left out', () => {
  const scene = new Scene().writes('a', 'version 1.2\n\n\n');
  scene.copies.close('make', 0);
  scene.prints('\nversion 1.2\n\n');
  assert.equal(scene.own, '\n');
  assert.deepEqual(scene.settled, { a: [13, []] });
});

test('a value that a shell has read and prints behind a text is its own, a last line of a runner is not', () => {
  for (const isRunners of [false, true]) {
    const scene = new Scene('make', 'all', isRunners).writes('a', '1.2.3 rc\n');
    scene.copies.close('make', 0);
    scene.prints('version: 1.2.3 rc\n');
    assert.equal(scene.own, isRunners ? '' : 'version: 1.2.3 rc\n');
  }
});

test('an unfinished line in one of two streams has gone through the pipe', () => {
  const scene = new Scene('make', 'stdout');
  scene.copies.forwarded('make', '7', Buffer.from('no newline'));
  scene.writes('a', 'no newline').copies.ended('a');
  scene.prints('got no newline\n');
  assert.equal(scene.own, 'got no newline\n');
  scene.copies.finish(0);
  assert.deepEqual(scene.settled, { a: [10, [[0, 10]]] });
});

test('a pipe is idle when it is closed and the reader has been silent for a while', () => {
  const scene = new Scene().writes('a', 'one\n');
  scene.copies.poll(10_000);
  assert.deepEqual(scene.idle, []);
  scene.copies.close('make', 10_000);
  scene.copies.poll(10_500);
  assert.deepEqual(scene.idle, []);
  scene.copies.poll(11_500);
  assert.deepEqual(scene.idle, ['make']);
  // What it says later is still known.
  scene.prints('one\n');
  assert.equal(scene.own, '');
});

test('a reader that keeps everything to itself does not fill the memory', () => {
  const scene = new Scene();
  const line = `${'x'.repeat(65535)}\n`;
  for (let i = 0; i < 1000; i++) scene.writes('a', line);
  scene.copies.poll(0);
  const [to = 0, swallowed = []] = scene.settled.a ?? [];
  assert.ok(1000 * line.length - to <= 16 * 1024 * 1024);
  assert.deepEqual(
    swallowed.reduce((sum, [from, end]) => sum + end - from, 0),
    to,
  );
});

test('an unfinished last line is not taken for the beginning of an earlier one', () => {
  for (const cut of [1, 2, 3, 13, 100]) {
    const scene = new Scene().writes('a', 'line 1\nline 2\nline ');
    scene.copies.ended('a');
    const text = 'line 1\nline 2\nline ';
    for (let at = 0; at < text.length; at += cut) scene.prints(text.slice(at, at + cut));
    assert.equal(scene.own, '');
    assert.deepEqual(scene.settled, { a: [text.length, []] });
  }
});

test('what a reader passes on is found out whatever the sizes of the pieces are', () => {
  const lines = Array.from({ length: 300 }, (_, i) =>
    i % 7 === 0 ? '\n' : i % 5 === 0 ? 'same\n' : `line ${i}\n`,
  );
  for (const [piece, cut] of [
    [1, 3],
    [50, 7],
    [64, 1000],
    [1000, 64],
  ] as const) {
    const scene = new Scene();
    const text = lines.join('');
    let written = 0;
    for (let at = 0; at < text.length; at += cut) {
      for (; written < Math.min(text.length, at + cut); written += piece)
        scene.writes('a', text.slice(written, written + piece));
      scene.prints(text.slice(at, at + cut));
    }
    assert.equal(scene.own, '');
    assert.deepEqual(scene.settled, { a: [text.length, []] });
    assert.equal(scene.shown.join(''), text);
  }
});

test('a reader that keeps much to itself is not remembered for ever', () => {
  const scene = new Scene();
  const line = `${'x'.repeat(99)}\n`;
  const text = line.repeat(1000);
  for (let i = 0; i < 200; i++) scene.writes('a', text);
  scene.writes('a', 'last\n').prints('last\n');
  assert.equal(scene.own, '');
  assert.deepEqual(scene.settled.a, [20_000_005, [[0, 20_000_000]]]);
});

test('newlines that a terminal has changed do not count', () => {
  const scene = new Scene().writes('a', 'one\n\ntwo\n');
  scene.prints('one\r\n\r\ntwo\r\nthree\r\n');
  assert.equal(scene.own, 'three\r\n');
  assert.deepEqual(scene.settled, { a: [9, []] });
});
