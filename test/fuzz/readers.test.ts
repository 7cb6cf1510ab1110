// Every command on stores with arbitrary files: no bug appears, nothing hangs, intact parts are shown, and
// nothing outside the store is touched.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { CHANGING, DAMAGES, LINES } from '../rig/damages.ts';
import { fuzz } from '../rig/fuzz.ts';
import { type Ran, run } from '../rig/inprocess.ts';
import { judge } from '../rig/judge.ts';
import { IDS, LAST, TARGETS, bytesIn, countBytes, manyBuilds } from '../rig/manybuilds.ts';
import { Random } from '../rig/seeded.ts';
import { Sandbox } from '../rig/sandbox.ts';

const box = new Sandbox();
const PRISTINE = box.path('pristine');
manyBuilds(PRISTINE);
/** Text that no command may read or change. */
const SECRET = 'not to be read by anybody';
box.write('outside/secret', SECRET);
box.write('outside/folder/journal.ndjson', `${SECRET}\n`);
after(() => {
  box.remove();
});

/** Targets of links. */
const OUTSIDE = ['outside/secret', 'outside/folder', 'outside/new', 'outside'].map((name) => box.path(name));

let cases = 0;

interface Case {
  readonly store: string;
  readonly random: Random;
}

/** A fresh copy. */
function copyOf(): string {
  const store = box.path(`case ${++cases}`, '.loglin');
  fs.cpSync(PRISTINE, store, { recursive: true });
  return store;
}

/** Runs some of the commands, among them `show --raw`. */
async function runSome(
  { store, random }: Case,
  begin: (what: string) => void,
  count: number,
): Promise<readonly (readonly [line: string, ran: Ran])[]> {
  const folder = path.dirname(store);
  const lines = [...random.shuffled(LINES).slice(0, count), ['show', '--raw']];
  if (random.chance(0.2)) lines.push(random.pick(CHANGING));
  const all: (readonly [string, Ran])[] = [];
  for (const words of lines) {
    const args = words.map((word) =>
      word === 'TARGET' ? random.pick(TARGETS) : word === 'FILE' ? path.join(folder, 'file') : word,
    );
    const [name = '', ...rest] = args;
    const line = name === 'completion' ? [...args, '--store', store] : [name, '--store', store, ...rest];
    begin(line.join(' '));
    const ran = await run(line, [folder]);
    if (process.env.FUZZ_KEEP !== undefined)
      console.log(
        args.join(' ').slice(0, 100),
        Math.round(ran.ms),
        Math.round(process.resourceUsage().maxRSS / 1024),
        ran.stdout.length,
      );
    judge(words, ran);
    const { stdout, stderr } = ran;
    assert.ok(
      !stdout.includes(SECRET) && !stderr.includes(SECRET),
      `${words.join(' ')}: says what is outside`,
    );
    all.push([args.join(' '), ran]);
  }
  return all;
}

/** Checks that files outside the store are unchanged. */
function checkOutside(): void {
  assert.equal(fs.readFileSync(box.path('outside/secret'), 'utf8'), SECRET);
  assert.deepEqual(fs.readdirSync(box.path('outside')).sort(), ['folder', 'secret']);
  assert.deepEqual(fs.readdirSync(box.path('outside/folder')), ['journal.ndjson']);
}

/** Checks that the other builds are unchanged. */
async function checkOthers(store: string, but: string): Promise<void> {
  for (const id of IDS) {
    if (id === but) continue;
    const ran = await run(['show', '--store', store, '--raw', '-b', id], [path.dirname(store)]);
    judge(['show', id], ran);
    assert.equal(
      ran.stdout,
      (await run(['show', '--store', PRISTINE, '--raw', '-b', id], [box.folder])).stdout,
    );
  }
}

/** The checks for each kind of damage: what is reported, and what is right in spite of it. */
interface Check {
  readonly one: Case;
  readonly raw: Ran;
  /** Some of the commands have removed builds. */
  readonly changed: boolean;
}

const CHECKS: Readonly<Record<string, (check: Check) => Promise<void> | void>> = {
  'a journal': async ({ one: { store, random }, raw, changed }) => {
    if (raw.status === 125) assert.match(raw.stderr, /^loglin: \S.*journal\.ndjson: /);
    else assertShown(store, raw);
    if (!changed && random.chance(0.1)) await checkOthers(store, LAST);
  },
  'a graph': ({ one: { store }, raw }) => {
    if (raw.status !== 0) assert.match(raw.stderr, /^loglin: .*graph\.ndjson:/);
    assertShown(store, raw);
  },
  'the history': async ({ one: { store }, changed }) => {
    // It is a cache: nothing depends on it.
    if (changed) return;
    const line = ['show', '-u', '--store'];
    assert.equal(
      (await run([...line, store], [path.dirname(store)])).stdout,
      (await run([...line, PRISTINE], [box.folder])).stdout,
    );
  },
};

/** The number of seeds that the suite has time for. */
const COUNT = 10;

for (const [name, damage] of Object.entries(DAMAGES))
  test(`${name}: arbitrary contents are survived`, async () => {
    await fuzz(COUNT, async (seed, begin) => {
      const random = new Random(seed);
      const store = copyOf();
      damage(store, random, OUTSIDE);
      if (process.env.FUZZ_KEEP !== undefined) fs.cpSync(store, '/tmp/kept', { recursive: true });
      const one = { store, random };
      try {
        const ran = await runSome(one, begin, process.env.FUZZ === undefined ? 6 : 12);
        const [, raw] = ran.find(([line]) => line === 'show --raw')!;
        begin('check');
        await CHECKS[name]?.({ one, raw, changed: ran.some(([line]) => /^(rm|gc --)/.test(line)) });
        checkOutside();
      } finally {
        fs.rmSync(path.dirname(store), { recursive: true, force: true });
      }
    });
  });

/** Checks that each byte of the last build's logs is shown once and nothing else. */
function assertShown(store: string, raw: Ran): void {
  const all = bytesIn(store, LAST);
  if (all) assert.deepEqual(countBytes([raw.bytes]), all, `not all is shown: ${raw.stderr}`);
}
