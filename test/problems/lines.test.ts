// The table of lines in lines.txt: which lines are problems and how they are read, and which only look like
// problems.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { describe, extract } from '../rig/problem-logs.ts';

const TABLE = path.join(import.meta.dirname, 'lines.txt');

interface Block {
  /** The line number in the table. */
  readonly line: number;
  readonly log: string[];
  readonly expected: string[];
}

function blocks(): Block[] {
  const found: Block[] = [];
  let block: Block | undefined;
  for (const [i, text] of fs.readFileSync(TABLE, 'utf8').split('\n').entries()) {
    if (!/^[<>] /.test(text)) {
      block = undefined;
      continue;
    }
    if (!block) found.push((block = { line: i + 1, log: [], expected: [] }));
    (text.startsWith('<') ? block.log : block.expected).push(text.slice(2));
  }
  return found;
}

function problemsOf(log: readonly string[]): string[] {
  const bytes = Buffer.from(log.map((line) => `${line}\n`).join(''));
  return describe(extract(bytes), bytes).map((line) => line.replace(/^\d+(?:-\d+)? /, ''));
}

const all = blocks();

test('the table has the expected number of lines', () => {
  const problems = all.flatMap(({ expected }) => expected.filter((line) => !line.startsWith('  note ')));
  assert.ok(problems.length >= 150, `${problems.length} problems`);
  assert.ok(all.filter(({ expected }) => expected.length === 0).length >= 12);
});

for (const { line, log, expected } of all)
  test(`lines.txt:${line}: ${log.find((text) => text !== '') ?? ''}`, () => {
    assert.deepEqual(problemsOf(log), expected);
  });

test('the lines give the same problems among other lines, and in one log', () => {
  const log = all.flatMap(({ log: lines }) => [
    'cc -c -o other.o other.c',
    ...lines,
    'cc -c -o next.o next.c',
  ]);
  assert.deepEqual(
    problemsOf(log),
    all.flatMap(({ expected }) => expected),
  );
});
