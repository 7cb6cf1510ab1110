// Tools that a script starts side by side: `make -C a & make -C b &`, `xargs -P`, a recipe with jobs in the
// background. In whatever order they run, show prints the same bytes. SEEDS=250 runs 250 random builds, four
// times each.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../rig/seeded.ts';
import { LOGLIN, type Tree, needs, tree, wants } from '../rig/tree.ts';

const SEEDS = Number(process.env.SEEDS ?? 8);
const BUILDS = 4;

/** A short pause, a different one each time. */
const PAUSE = 'sleep 0.0$(od -An -N1 -tu1 /dev/urandom | tr -dc 0-9)';

/** Doubles each dollar, as make and ninja want it. */
function doubled(text: string): string {
  return text.split('$').join('$$');
}

const MAKEFILE = [
  'all: x y',
  `x y: ; @${doubled(PAUSE)}; echo $@; ${doubled(PAUSE)}; echo $@ done >&2`,
  'echoed: ; echo an echoed line',
  'failing: ; @echo it fails; exit 3',
  'nothing: ;',
  'below: ; $(MAKE) x',
  '',
].join('\n');

const MANIFEST = [
  'rule r',
  `  command = ${doubled(PAUSE)}; echo $out says something`,
  'build one.o: r',
  'build two.o: r one.o',
  '',
].join('\n');

/** A command in one of the folders, whose output is the same whenever it runs. */
function command(random: Random, folder: string, number: number): string {
  return random.pick([
    `make -C ${folder}`,
    `make -C ${folder} below`,
    `make -s -C ${folder}`,
    `make -j2 -C ${folder} x y`,
    `make -C ${folder} echoed`,
    `make -C ${folder} nothing`,
    `make -k -C ${folder} failing x`,
    `make -C ${folder} nowhere`,
    `ninja -C ${folder}`,
    `ninja --quiet -C ${folder}`,
    `${quoted(LOGLIN)} -t nested${number} sh -c '${PAUSE}; echo nested ${number}'`,
    `${quoted(LOGLIN)} -t made${number} make -C ${folder}`,
  ]);
}

function quoted(word: string): string {
  return `"${word}"`;
}

/** Starts all commands at once, and waits for them. */
function host(random: Random, commands: readonly string[], it: Tree): string[] {
  const way = random.pick(['sh', 'bash', 'xargs', 'python3', 'recipe', 'subshells']);
  const lines = `${commands.join('\n')}\n`;
  const background = `echo begin; ${commands.map((one) => `${one} &`).join(' ')} wait; echo end`;
  switch (way) {
    case 'xargs':
      it.write({ commands: lines });
      return [
        'sh',
        '-c',
        `tr '\\n' '\\0' <commands | xargs -0 -n1 -P${commands.length} sh -c 'eval "$1"' sh; true`,
      ];
    case 'python3':
      it.write({
        'start.py': `import subprocess\nrun = [subprocess.Popen(line, shell=True) for line in open('commands')]\nfor one in run: one.wait()\n`,
        commands: lines,
      });
      return ['python3', 'start.py'];
    case 'recipe':
      it.write({ 'side.mk': `all: ; @${doubled(background)}\n` });
      return ['make', '-f', 'side.mk'];
    case 'subshells':
      return [
        'sh',
        '-c',
        `echo begin; ${commands.map((one) => `(${one}; true) &`).join(' ')} wait; echo end`,
      ];
    default:
      return [way, '-c', background];
  }
}

test('tools that run side by side give the same bytes in each build', async (t) => {
  if (!needs(t, 'ninja') || !wants(t, 'python3')) return;
  const only = process.env.SEED;
  const seeds = only === undefined ? Array.from({ length: SEEDS }, (_, i) => i + 1) : [Number(only)];
  for (const seed of seeds) {
    const random = new Random(seed);
    const it = tree(t, {});
    const commands = Array.from({ length: 2 + random.below(4) }, (_, i) => {
      it.write({ [`d${i}/Makefile`]: MAKEFILE, [`d${i}/build.ninja`]: MANIFEST });
      return command(random, `d${i}`, i);
    });
    const argv = host(random, commands, it);
    let first: string | undefined;
    for (let build = 0; build < BUILDS; build++) {
      const { end } = await it.run([LOGLIN, ...argv]);
      assert.match(end, /^exit /);
      const text = await it.show();
      first ??= text;
      assert.equal(text, first, `SEED=${seed}, build ${build}: ${commands.join(' | ')}`);
    }
  }
});
