// What a coding agent reads of a build that has ended.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../../src/model/build.ts';
import { type AgentEnding, agentReport } from '../../src/render/agentreport.ts';
import type { Failed } from '../../src/render/report.ts';
import { Story } from '../rig/story.ts';

const { build } = new Story('make').start('a').end('a', { exit: 2 });
const JOB: Job = build.jobs[1]!;

function failure(name: string, more: Partial<Failed> = {}): Failed {
  return { job: JOB, name, showName: name, path: [], lines: ['said'], error: undefined, also: [], ...more };
}

const NONE = { lines: [], different: 0, total: 0 };
const ENDED: AgentEnding = {
  id: 'ID',
  status: { exit: 2 },
  ms: 12_340,
  jobs: 37,
  alone: 1,
  failures: [failure('app/x.o')],
  commandLog: [],
  errors: NONE,
  warnings: NONE,
  allWarnings: 0,
  compared: true,
  stopped: undefined,
};

const report = (ending: Partial<AgentEnding>, budget = 8192): string =>
  agentReport({ ...ENDED, ...ending }, { budget, ascii: true });

test('agent: the verdict is the last line, and names what shows all of it', () => {
  assert.equal(
    report({}),
    'x app/x.o (exit 2)\nsaid\nloglin: FAILED (exit 2), 1 of 37 jobs by itself, in 12.34s; loglin show -b ID app/x.o has all of it\n',
  );
});

test('agent: a build that ended well is one line, which counts the warnings that are new', () => {
  const good = { status: { exit: 0 }, alone: 0, failures: [] };
  const log = 'loglin show -b ID has the log\n';
  assert.equal(report(good), `loglin: ok, 37 jobs in 12.34s; ${log}`);
  assert.equal(
    report({ ...good, allWarnings: 6 }),
    `loglin: ok, 37 jobs in 12.34s, 6 warnings (none new); ${log}`,
  );
  assert.equal(
    report({ ...good, allWarnings: 6, compared: false, warnings: { lines: ['w'], different: 6, total: 6 } }),
    `loglin: ok, 37 jobs in 12.34s, 6 warnings; ${log}`,
  );
  assert.equal(
    report({ ...good, allWarnings: 6, warnings: { lines: ['w'], different: 2, total: 2 }, jobs: 1 }),
    `loglin: ok, 1 job in 12.34s, 6 warnings (2 new: loglin problems -b ID --new); ${log}`,
  );
});

test('agent: a build that was stopped says at which jobs', () => {
  assert.equal(
    report({ status: { signal: 15 }, alone: 0, failures: [], stopped: ['a', 'b', 'c', 'd'] }),
    'loglin: STOPPED (SIGTERM) after 12.34s, 37 jobs, at a, b, c and 1 more; loglin show -b ID has the log\n',
  );
});

test('agent: a command that failed without a job shows its own log', () => {
  assert.equal(
    report({ failures: [], alone: 0, jobs: 0, commandLog: ['No rule'] }),
    'No rule\nloglin: FAILED (exit 2), no job ran, in 12.34s; loglin show -b ID has all of it\n',
  );
});

test('agent: the same error in many jobs is one failure, with how many', () => {
  const also = Array.from({ length: 12 }, (_, i) => `file${i}.o`);
  const [first = '', ...rest] = report({ alone: 13, failures: [failure('a.o', { also })] }).split('\n');
  assert.equal(
    first,
    'x a.o (exit 2), also in 12 other jobs: file0.o, file1.o, file2.o, file3.o, file4.o, file5.o, file6.o, file7.o, file8.o, file9.o, file10.o, …',
  );
  assert.equal(rest[0], 'said');
  assert.match(rest.at(-2) ?? '', /FAILED \(exit 2\), 13 of 37 jobs by themselves/);
});

test('agent: further errors and new warnings follow; where not all are listed, the command that lists them', () => {
  const text = report({
    errors: { lines: ['a.c:1: error: x'], different: 1, total: 1 },
    warnings: { lines: ['a.c:2: warning: y'], different: 4000, total: 5000 },
  });
  assert.match(
    text,
    /^1 more error:\na\.c:1: error: x\n5000 new warnings \(4000 different\), 1 of them here; all: loglin problems -b ID --warnings --new\na\.c:2: warning: y\nloglin: FAILED/m,
  );
  assert.match(
    report({ warnings: { lines: ['w'], different: 1, total: 1 }, compared: false }),
    /^1 warning:\nw\n/m,
  );
});

test('agent: within any budget the verdict is last, the first line of each failure comes first, and the rest is counted', () => {
  const failures = Array.from({ length: 20 }, (_, i) =>
    failure(`dir/file${i}.o`, {
      path: ['all', 'dir', `file${i}.o`],
      lines: Array.from({ length: 30 }, (_line, at) => `line ${at} of ${i} ${'é'.repeat(at)}`),
    }),
  );
  const ending = { failures, alone: 25, errors: { lines: ['e1', 'e2'], different: 2, total: 2 } };
  const whole = report(ending, 1e6).split('\n').length - 2;
  assert.equal(whole, 20 * (1 + 1 + 30) + 1 + 3);
  for (let budget = 300; budget < 30_000; budget += 123) {
    const text = report(ending, budget);
    assert.ok(Buffer.byteLength(text) <= budget, `${Buffer.byteLength(text)} of ${budget}`);
    const lines = text.split('\n').slice(0, -1);
    assert.match(lines.at(-1)!, /^loglin: FAILED .* loglin show -b ID dir\/file0\.o has all of it$/);
    const left = /^\.\.\. (\d+) lines left out: loglin show -b ID --failed$/.exec(lines.at(-2)!);
    const shown = lines.length - (left ? 2 : 1);
    assert.equal(shown + Number(left?.[1] ?? 0), whole);
    const headers = lines.filter((line) => line.startsWith('x dir/')).length;
    assert.ok(headers === 20 || !lines.some((line) => line.startsWith('line ')), text);
  }
  assert.match(report(ending, 1e6), /^\.\.\. 5 more jobs failed: loglin show -b ID --failed$/m);
});

test('agent: a line of 100 kB is cut in its middle; names and control characters are escaped', () => {
  const text = report({ failures: [failure('a\x1b[2Jb', { lines: ['x'.repeat(100_000)] })] });
  const [header, line = ''] = text.split('\n');
  assert.equal(header, String.raw`x a\x1b[2Jb (exit 2)`);
  assert.equal(line.length, 500);
});
