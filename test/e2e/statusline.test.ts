// How much of the time the status line is on the screen: what a build writes to a terminal is recorded with
// its times and fed to a terminal emulator, piece by piece.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import xterm from '@xterm/headless';
import { needs, tree } from '../rig/tree.ts';

const COLUMNS = 80;
const ROWS = 24;

/** What was on a terminal, and how long, in seconds. */
interface Seen {
  /** The time from the first status line on. */
  readonly total: number;
  readonly visible: number;
  /** How many times there was more than one status line. */
  readonly doubled: number;
  /** The screen at the end, with the lines that have scrolled away. */
  readonly text: readonly string[];
}

/**
 * @param log the file that `script --log-out` has written.
 * @param timing its `--log-timing`, in the classic format.
 */
async function watch(log: Buffer, timing: string): Promise<Seen> {
  const terminal = new xterm.Terminal({
    cols: COLUMNS,
    rows: ROWS,
    scrollback: 10_000,
    allowProposedApi: true,
  });
  const lines = (from: number): string[] => {
    const { active } = terminal.buffer;
    return Array.from(
      { length: active.length - from },
      (_, i) => active.getLine(from + i)?.translateToString(true) ?? '',
    );
  };
  // script writes the first line itself.
  let at = log.indexOf(0x0a) + 1;
  const seen = { total: 0, visible: 0, doubled: 0 };
  let count = 0;
  let began = false;
  for (const line of timing.trim().split('\n')) {
    const [seconds = 0, length = 0] = line.split(' ').map(Number);
    if (began) seen.total += seconds;
    if (count > 0) seen.visible += seconds;
    await new Promise<void>((resolve) => {
      terminal.write(log.subarray(at, at + length), resolve);
    });
    at += length;
    count = lines(terminal.buffer.active.baseY).filter((text) => /^\[\d+s\] \d/.test(text)).length;
    began ||= count > 0;
    if (count > 1) seen.doubled++;
  }
  return { ...seen, text: lines(0) };
}

for (const [what, recipe, expected] of [
  [
    'a job that prints every 50 ms',
    'for i in $$(seq 40); do echo line $$i; sleep 0.05; done',
    Array.from({ length: 40 }, (_, i) => `line ${i + 1}`),
  ],
  [
    'a job that prints 125 lines a second',
    'for i in $$(seq 250); do echo line $$i; sleep 0.008; done',
    Array.from({ length: 250 }, (_, i) => `line ${i + 1}`),
  ],
  [
    'an unfinished line that is redrawn',
    'for i in $$(seq 40); do printf "\\rprogress $$i"; sleep 0.05; done; echo',
    ['progress 40'],
  ],
  [
    'an unfinished line that grows beyond the width of the terminal',
    'for i in $$(seq 40); do printf "word%02d " $$i; sleep 0.05; done; echo',
    [Array.from({ length: 40 }, (_, i) => `word${String(i + 1).padStart(2, '0')} `).join('')].flatMap(
      (line) => line.match(/.{1,80}/g) ?? [],
    ),
  ],
  ['a job that prints nothing', 'sleep 2', []],
] as const)
  test(`status line: ${what}: it is on the screen nearly all the time, and the text is whole`, async (t) => {
    if (!needs(t, 'script')) return;
    const it = tree(t, { Makefile: `job:\n\t@${recipe}\n` });
    const command = `stty cols ${COLUMNS} rows ${ROWS}; "$LOGLIN_BIN" make`;
    const { end } = await it.run(
      [
        'script',
        '-qe',
        '--log-out',
        'log',
        '--log-timing',
        'timing',
        '--logging-format',
        'classic',
        '-c',
        command,
      ],
      { env: { TERM: 'xterm-256color' } },
    );
    assert.equal(end, 'exit 0');
    const log = fs.readFileSync(it.path('log'));
    const seen = await watch(log, it.read('timing'));
    assert.ok(seen.total > 1.5, `${seen.total} s`);
    assert.ok(seen.visible / seen.total >= 0.9, `${seen.visible} of ${seen.total} s`);
    assert.equal(seen.doubled, 0);
    const text = seen.text
      .map((line) => line.trimEnd())
      .filter((line) => line !== '' && !line.startsWith('Script '));
    assert.deepEqual(text.slice(0, -1), ['▸ job', ...expected.map((line) => line.trimEnd())]);
    assert.match(text.at(-1) ?? '', /^loglin: 1 job in /);
  });

test('status line: a repaint is one write', async (t) => {
  if (!needs(t, 'script') || !needs(t, 'strace')) return;
  const it = tree(t, { Makefile: 'job:\n\t@for i in $$(seq 20); do echo line $$i; sleep 0.05; done\n' });
  const command = `strace -f -o calls -e trace=write -s 400 "$LOGLIN_BIN" make`;
  await it.run(['script', '-qec', command, '/dev/null'], { env: { TERM: 'xterm-256color' } });
  const writes = it
    .read('calls')
    .split('\n')
    .filter((line) => /write\([12], /.test(line));
  // The job's own writes have nothing else in them.
  const texts = writes.filter(
    (line) => /line \d+\\n/.test(line) && !/write\(1, "line \d+\\n", \d+(?:\)| <unf)/.test(line),
  );
  assert.ok(texts.length >= 15, writes.join('\n'));
  // Each text comes with the sequence that paints the status line after it, and all but the first with the
  // one that erases it.
  for (const call of texts) {
    assert.match(call, /line \d+\\n[^"]*\[\d+s\] \d done/);
    if (!call.includes('job\\33[0m\\nline 1')) assert.match(call, /"(?:\\r|\\33\[K)[^"]*line \d+\\n/);
  }
});
