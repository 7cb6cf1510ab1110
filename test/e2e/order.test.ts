// The order with real makes: worked example 2 word for word, and the properties over random makefiles.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Random, forSeeds } from '../rig/seeded.ts';
import { Sandbox } from '../rig/sandbox.ts';
import { without } from '../rig/twin.ts';

const skip = without('make');

const EXAMPLE = `all: libs prog
libs: liba libb
liba libb: gen.h ; @$(WORK) echo building $@
prog: libs main.o ; @$(WORK) echo linking prog
main.o: gen.h ; @$(WORK) echo compiling main.o
gen.h: ; @$(WORK) echo generating gen.h
`;

const EXAMPLE_LOG = `▸ liba
  ▸ gen.h
generating gen.h
▸ liba (resumed)
building liba
▸ libb
building libb
▸ prog
  ▸ main.o
compiling main.o
▸ prog (resumed)
linking prog
`;

/** Takes longer or shorter depending on the process number, so that runs differ. */
const WORK = `WORK = i=0; while [ $$i -lt $$(($$$$ % 5 * 400)) ]; do i=$$((i+1)); done;\n`;

for (const jobs of ['-j1', '-j4', '-j16'])
  test(`worked example 2: show prints it word for word, make ${jobs}, 20 runs`, { skip }, () => {
    const box = new Sandbox();
    try {
      box.write('Makefile', WORK + EXAMPLE);
      for (let run = 0; run < 20; run++) {
        const live = box.loglin(['--strict', 'make', jobs]);
        assert.equal(live.status, 0, live.stderr);
        assert.equal(live.stdout, EXAMPLE_LOG, `live, run ${run}`);
        if (run % 5 === 0) assert.equal(box.loglin(['show']).stdout, EXAMPLE_LOG, `run ${run}`);
      }
      for (let back = 0; back < 20; back++)
        assert.equal(box.loglin(['show', '-b', `-${back}`]).stdout, EXAMPLE_LOG, `-b -${back}`);
    } finally {
      box.remove();
    }
  });

/** Makes a makefile; the makefiles of its recursive makes go into `files` too. */
function randomMakefile(random: Random, folder: string, files: Map<string, string>, depth: number): void {
  const count = 2 + random.below(7);
  const names = Array.from({ length: count }, (_, i) => `t${i}`);
  let text = `${WORK}all: ${random.some(names, 0.4).join(' ')} t0\n.PHONY: all ${names.join(' ')}\n`;
  names.forEach((name, i) => {
    const needs = random.shuffled(random.some(names.slice(i + 1), 0.3));
    const [last] = needs.length > 1 && random.chance(0.2) ? needs.splice(-1) : [];
    text += `${name}:${needs.map((need) => ` ${need}`).join('')}${last === undefined ? '' : ` | ${last}`}\n`;
    const steps = random.below(4);
    for (let step = 0; step < steps; step++) {
      const what = `${folder}${name}.${step}`;
      switch (random.below(9)) {
        case 0:
          text += `\techo shown ${what}\n`;
          break;
        case 1:
          text += `\t@$(WORK) echo ${what} >&2; echo b ${what}\n`;
          break;
        case 2:
          text += `\t@printf 'no newline %s;' ${what}; $(WORK) :\n`;
          break;
        case 3:
          text += `\t@:\n`;
          break;
        case 4:
          text += `\t-@echo ${what} ignored; exit 3\n`;
          break;
        case 5:
          if (random.chance(0.4)) text += `\t@echo ${what} fails; exit ${1 + random.below(9)}\n`;
          break;
        case 6:
        case 7:
          if (depth < 2) {
            const sub = `${folder}${name}-${step}/`;
            randomMakefile(random, sub, files, depth + 1);
            text += `\t${random.chance(0.5) ? '@' : ''}$(MAKE) -C ${name}-${step}\n`;
          }
          break;
        default:
          text += `\t@$(WORK) for i in 1 2 3; do echo ${what} $$i; done\n`;
      }
    }
  });
  if (random.chance(0.2)) text += `-include extra.mk\nextra.mk: ; @echo remaking extra; echo > $@\n`;
  files.set(`${folder}Makefile`, text);
}

const SEEDS = 30;
const boxes: Sandbox[] = [];
after(() => {
  for (const box of boxes) box.remove();
});

/**
 * The lines, sorted, since plain make prints them in any order. Output without a newline ends in a semicolon.
 */
function sorted(text: string): string[] {
  return text.split(/[\n;]/).sort();
}

test(`the properties of the order hold for ${SEEDS} random makefiles with recursive makes`, { skip }, () => {
  forSeeds(SEEDS, (seed) => {
    const random = new Random(seed);
    const files = new Map<string, string>();
    randomMakefile(random, '', files, 0);
    const box = new Sandbox();
    boxes.push(box);
    for (const [name, text] of files) box.write(name, text);
    const clean = ['find', '.', '-name', 'extra.mk', '-delete'];

    const plain = box.run(['sh', '-c', 'exec make -k -j4 2>&1']);
    box.run(clean);
    const inLaunchOrder = box.loglin(['--order=launch', 'make', '-k', '-j3']);
    const replayed = box.loglin(['show', '--order=launch']).stdout;
    assert.equal(inLaunchOrder.status, plain.status);
    assert.equal(inLaunchOrder.stderr, '');
    // The report follows a failure.
    assert.equal(
      inLaunchOrder.stdout.slice(0, replayed.length),
      replayed,
      'live --order=launch = show --order=launch',
    );
    assert.match(inLaunchOrder.stdout.slice(replayed.length), plain.status === 0 ? /^$/ : /^\n.*failed/);
    const shown = box.loglin(['show']).stdout;
    const raw = box.loglin(['show', '--raw']);
    assert.deepEqual(sorted(raw.stdout), sorted(plain.stdout), 'show --raw = the lines of plain make');

    for (const jobs of ['-j1', '-j16']) {
      box.run(clean);
      const strict = box.loglin(['--strict', 'make', '-k', jobs]);
      assert.equal(strict.stdout.slice(0, shown.length), shown, `live --strict ${jobs} = show -j3`);
      assert.equal(box.loglin(['show']).stdout, shown, `show ${jobs} = show -j3`);
    }
    box.run(clean);
    const known = box.loglin(['--prefix', '--order=needs', 'make', '-k', '-j4']).stdout;
    const prefixed = box.loglin(['show', '--prefix']).stdout;
    assert.deepEqual(
      sorted(known.replace(/\n\n\d+ of \d+ jobs? failed[^]*$/, '\n')),
      sorted(prefixed),
      'a live build that knows the graph prints what show prints, in any order of blocks',
    );
    box.remove();
  });
});
