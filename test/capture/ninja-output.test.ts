// What ninja prints about its edges is removed from its own text, however that is cut into pieces.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Reaped, NinjaOutput } from '../../src/capture/hooks/ninja/output.ts';
import { Random } from '../rig/seeded.ts';

interface Result {
  readonly own: string;
  readonly appended: readonly string[];
  readonly complete: readonly string[];
  readonly why: string | undefined;
  /** The number of edges in the status lines. */
  readonly total: number | undefined;
}

/** An edge, and what ninja prints about it at its end. */
type Part = string | { readonly job: string; readonly reaped: Reaped } | { readonly lock: string };

function edge(job: string, output: string, more: Partial<Reaped> = {}): { job: string; reaped: Reaped } {
  const bytes = Buffer.from(output);
  const reaped = { failed: false, description: `CC ${job}`, command: `cc ${job}`, shown: false, ...more };
  return { job, reaped: { ...reaped, printed: bytes.length, first: bytes.subarray(0, 32) } };
}

/** @param cut the places where each piece of text is cut. */
function feed(parts: readonly Part[], cut: (text: string) => readonly string[]): Result {
  const appended: string[] = [];
  const complete: string[] = [];
  const output = new NinjaOutput<string>({
    append: (job, text) => appended.push(`${job}: ${text.toString()}`),
    complete: (job) => complete.push(job),
  });
  let own = '';
  for (const part of parts) {
    // The text before the first edge is held until the edge starts.
    if (typeof part === 'string')
      for (const piece of part === STORY[0] ? [part] : cut(part))
        own += output.push(Buffer.from(piece)).toString();
    else if ('lock' in part) output.lock(part.lock);
    else output.reaped(part.job, part.reaped);
  }
  own += output.takeKept().toString();
  return {
    own,
    appended: appended.join('').split('\n'),
    complete,
    why: output.reasonFor(['c.o']),
    total: output.total,
  };
}

const LONG = Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join('');

const STORY: readonly Part[] = [
  "ninja: Entering directory `out'\nninja explain: output c.o doesn't exist\n",
  edge('a.o', LONG),
  `[1/9] CC a.o\n${LONG}`,
  edge('b.o', ''),
  '[2/9] CC b.o\n',
  edge('c.o', 'no newline'),
  '[3/9] CC c.o\nno newline',
  edge('d.o', '[4/9] CC d.o\nCC d.o\n'),
  '[4/9] CC d.o\n\n[4/9] CC d.o\nCC d.o\n',
  edge('bad.o', 'error: oops\n', { failed: true }),
  '[5/9] CC bad.o\nFAILED: [code=1] bad.o \ncc bad.o\nerror: oops\n',
  edge('mute.o', '', { failed: true }),
  '[6/9] CC mute.o\n\x1b[31mFAILED: \x1b[0mmute.o \ncc mute.o\n',
  edge('quiet.o', 'only output\n', { shown: true }),
  'only output\n',
  { lock: 'console' },
  edge('beside.o', 'beside\n'),
  edge('beside2.o', 'beside2\n'),
  edge('unprinted.o', ''),
  edge('last.o', ''),
  edge('console', ''),
  // ninja prints only the last status line of edges without output.
  '[7/9] CC beside.o\nbeside\n[8/9] CC beside2.o\nbeside2\n[9/9] CC last.o\n',
  'ninja: build stopped: subcommand failed.\n',
];

const WANTED: Result = {
  own: "ninja: Entering directory `out'\nninja explain: output c.o doesn't exist\nninja: build stopped: subcommand failed.\n",
  appended: [
    'bad.o: FAILED: [code=1] bad.o ',
    'bad.o: cc bad.o',
    'mute.o: \x1b[31mFAILED: \x1b[0mmute.o ',
    'mute.o: cc mute.o',
    '',
  ],
  complete: [
    'a.o',
    'b.o',
    'c.o',
    'd.o',
    'bad.o',
    'mute.o',
    'quiet.o',
    'beside.o',
    'beside2.o',
    'unprinted.o',
    'last.o',
    'console',
  ],
  why: "output c.o doesn't exist",
  total: 9,
};

test('a whole build, in one piece a time', () => {
  assert.deepEqual(
    feed(STORY, (text) => [text]),
    WANTED,
  );
});

test('cut at every byte, and at random', () => {
  assert.deepEqual(
    feed(STORY, (text) => text.split('')),
    WANTED,
    'byte by byte',
  );
  for (let seed = 0; seed < 300; seed++) {
    const random = new Random(seed);
    const cut = (text: string): string[] => {
      const pieces: string[] = [];
      for (let at = 0; at < text.length;) {
        const n = 1 + random.below(40);
        pieces.push(text.slice(at, at + n));
        at += n;
      }
      return pieces;
    };
    assert.deepEqual(feed(STORY, cut), WANTED, `seed ${seed}`);
  }
});

test('text that is not exactly as expected stays ninja’s own', () => {
  const result = feed([edge('a.o', 'something else\n'), '[1/1] CC a.o\nnot that\nCC a.o\n'], (text) => [
    text,
  ]);
  assert.equal(result.own, 'not that\nCC a.o\n');
  assert.deepEqual(result.complete, []);
});
