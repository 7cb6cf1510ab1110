// Builds of a fleet of machines in a folder and in an object store: what it costs to push them, to list them,
// and to ask about all of them.

import fs from 'node:fs';
import path from 'node:path';
import { openRemote } from '../../src/remote/open.ts';
import { pushBuild } from '../../src/remote/push.ts';
import { buildFolder, journalFile } from '../../src/store/layout.ts';
import { NO_SECRETS } from '../../src/store/redact.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';
import { startSwift } from '../rig/swift.ts';
import { type Pairs, inTurns, output, ratios, run, spread } from './measure.ts';
import type { Bench } from './rows.ts';
import { type Result, seconds } from './table.ts';

const MACHINES = 50;
const JOBS = 300;
/** Builds of each revision. */
const SAME_REVISION = 20;
const SILENT = { packed: () => undefined, sending: () => undefined, sent: () => undefined };

interface Target {
  readonly name: string;
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  readonly builds: number;
}

/** A build of JOBS jobs with a few KiB of output each. @returns its id. */
function oneBuild(store: string): string {
  const story = new Story('make').make('make');
  for (let i = 0; i < JOBS; i++) {
    const name = `src/part${i}.o`;
    story.start(name, { make: 'make' });
    let text = `cc -O2 -c -o ${name} src/part${i}.c\n`;
    for (let n = 0; n < i % 40; n++) text += `src/part${i}.c:${n}:1: note: line ${n * i} of what it says\n`;
    story.say(name, text).end(name, { exit: i === 7 ? 1 : 0 });
  }
  const id = '20260101-000000000-0000';
  storeBuild(store, story.makeEnds('make').end('make'), { id });
  return id;
}

/** So many push at once. */
const PUSHERS = 5;

/** Pushes all builds of a target. @returns seconds for each, and for all. */
async function pushAll(folder: string, target: Target): Promise<{ readonly each: number[]; all: number }> {
  const start = process.hrtime.bigint();
  const each = await Promise.all(
    Array.from({ length: PUSHERS }, (_, i) => {
      const store = path.join(folder, `pusher${i}/.loglin`);
      fs.mkdirSync(store, { recursive: true });
      return pushSome(store, target, i);
    }),
  );
  return { each: each.flat(), all: Number(process.hrtime.bigint() - start) / 1e9 };
}

/**
 * Pushes the same build under other ids, as if each were another one.
 * @param pusher its number among those that share the work.
 * @returns seconds for each.
 */
async function pushSome(store: string, target: Target, pusher: number): Promise<number[]> {
  let id = oneBuild(store);
  const first = fs.readFileSync(journalFile(buildFolder(store, id)), 'utf8');
  const remote = openRemote(target.url, { ...target.env, HOME: '/nonexistent' });
  const took: number[] = [];
  for (let n = pusher; n < target.builds; n += PUSHERS) {
    const at = Date.UTC(2026, 0, 1) + n * 60_000;
    const [day = '', time = ''] = new Date(at)
      .toISOString()
      .replace(/[-:.Z]/g, '')
      .split('T');
    const next = `${day}-${time}-${(n % 65_536).toString(16).padStart(4, '0')}`;
    fs.renameSync(buildFolder(store, id), buildFolder(store, next));
    id = next;
    fs.writeFileSync(journalFile(buildFolder(store, id)), first.replace('20260101-000000000-0000', id));
    const bad = n % 7 === 0;
    const facts = {
      project: 'p',
      at,
      result: bad ? { exit: 2 } : ('ok' as const),
      ms: 60_000 + (n % 1000),
      jobs: JOBS,
      failed: bad ? 1 : 0,
      errors: 0,
      warnings: n % 5,
      revision: Math.floor(n / SAME_REVISION)
        .toString(16)
        .padStart(40, '0'),
      clean: true,
      branch: n % 3 === 0 ? 'main' : `topic${n % 17}`,
      command: 'make -j16',
      tags: {},
      host: `machine${n % MACHINES}`,
      failures: bad ? [`src/part${n % 3}.o`] : [],
    };
    const start = process.hrtime.bigint();
    await pushBuild(remote, { store, id }, facts, NO_SECRETS, SILENT);
    took.push(Number(process.hrtime.bigint() - start) / 1e9);
  }
  remote.close();
  fs.rmSync(buildFolder(store, id), { recursive: true });
  return took;
}

const QUESTIONS: readonly (readonly [what: string, command: string])[] = [
  ['ls: the last 1,000', 'ls ci'],
  ['ls: all', 'ls ci -n 1000000'],
  ['show a target of @green, not cached', 'show src/part39.o -b ci:@green'],
  ['flaky, not cached', 'flaky ci'],
  ['trend of a target over 40 builds, not cached', 'trend src/part39.o ci'],
];

async function questions(folder: string, target: Target): Promise<Result[]> {
  const results: Result[] = [];
  const config = { remotes: { ci: target.url }, project: 'p' };
  fs.writeFileSync(path.join(folder, '.loglin.json'), JSON.stringify(config));
  const env = { ...target.env, XDG_CACHE_HOME: path.join(folder, 'cache') };
  for (const [what, command] of QUESTIONS) {
    const script = `rm -rf cache; loglin ${command} > /dev/null`;
    output(script, { cwd: folder, env });
    const pairs: Pairs = await inTurns(
      3,
      () => run(script, { cwd: folder, env }),
      () => run('rm -rf cache; node -e 0', { cwd: folder, env }),
    );
    const ours = spread(pairs.ours.map(({ wall }) => wall));
    const peer = spread(pairs.peer.map(({ wall }) => wall));
    results.push({
      what: `${target.builds} builds in ${target.name}: ${what}`,
      ours: seconds(ours),
      peer: `node -e 0: ${seconds(peer)}`,
      ratio: ratios(pairs),
      runs: pairs.ours.length,
    });
  }
  return results;
}

/** A row of the bench. */
export async function fleet({ folder, quick }: Bench): Promise<Result[]> {
  const ends: (() => unknown)[] = [];
  const end = (): void => {
    for (const one of ends.splice(0)) one();
  };
  // Whoever interrupts the bench ends the process.
  process.once('exit', end);
  const results: Result[] = [];
  try {
    const targets: Target[] = [
      { name: 'a folder', url: path.join(folder, 'builds'), env: {}, builds: quick ? 200 : 10_000 },
    ];
    if (output('command -v swift-proxy-server || true', { cwd: folder }) !== '') {
      const swift = await startSwift(
        { after: (one) => ends.push(one as () => unknown) },
        path.join(folder, 'swift'),
      );
      await swift.makeBucket('builds');
      targets.push({ name: 'Swift', url: 's3://builds/fleet', env: swift.env, builds: quick ? 50 : 10_000 });
    }
    for (const target of targets) {
      const { each, all } = await pushAll(folder, target);
      results.push({
        what: `push of a build of ${JOBS} jobs into ${target.name}, ${target.builds}, ${PUSHERS} at once`,
        ours: seconds(spread(each)),
        peer: `all in ${all.toFixed(0)} s`,
        runs: each.length,
      });
      results.push(...(await questions(folder, target)));
    }
    return results;
  } finally {
    end();
  }
}
