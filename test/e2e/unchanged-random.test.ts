// `show -u` after random histories of random small projects prints, byte for byte, what a build of everything
// prints. The projects have hard cases: makes below makes with the same target names, several makes in one
// folder, targets of one recipe, double-colon rules, order-only and phony needs; so do the histories:
// changes, other goals, makefiles that change, builds that fail.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { type TestContext, test } from 'node:test';
import { Random } from '../rig/seeded.ts';
import { LOGLIN, Tree, tree } from '../rig/tree.ts';

const PROJECTS = 3;
const BUILDS = 3;

/** A rule of a make. */
interface Rule {
  readonly targets: readonly string[];
  needs: string[];
  readonly orderOnly: string[];
  readonly kind: ':' | '::' | '&:';
  readonly phony: boolean;
  /** Its source; without one, the name is phony. */
  readonly source: string;
}

/** A makefile and the folder where it is used. */
interface Part {
  readonly folder: string;
  readonly file: string;
  readonly rules: Rule[];
  /** The makes below it. */
  readonly below: Part[];
}

function part(random: Random, folder: string, file: string, tag: string, depth: number): Part {
  const count = 4 + random.below(4);
  const rules: Rule[] = [];
  for (let i = count - 1; i >= 0; i--) {
    const later = rules.flatMap(({ targets, phony }) => (phony ? [] : [random.pick(targets)]));
    const name = `${tag}${i}`;
    const several = random.chance(0.25);
    const targets = several ? [`${name}.c`, `${name}.h`] : [name];
    const needs = random.some(later, 0.4);
    const orderOnly = random.some(later, 0.15).filter((need) => !needs.includes(need));
    const phony = !several && random.chance(0.15);
    rules.unshift({
      targets,
      needs,
      orderOnly,
      phony,
      kind: several ? '&:' : !phony && random.chance(0.15) ? '::' : ':',
      source: `${name}.src`,
    });
  }
  const below: Part[] = [];
  if (depth > 0) {
    const sub = folder === '' ? `s${depth}` : `${folder}/s${depth}`;
    below.push(part(random, sub, 'Makefile', 't', depth - 1));
    if (random.chance(0.5)) below.push(part(random, folder, 'other.mk', 'o', 0));
  }
  return { folder, file, rules, below };
}

function parts(top: Part): Part[] {
  return [top, ...top.below.flatMap(parts)];
}

function makefile({ folder, rules, below }: Part): string {
  const first = rules.map(({ targets }) => targets[0]!);
  const calls = below.map(({ folder: at, file }) => {
    const where = at === folder ? '' : ` -C ${at.slice(folder === '' ? 0 : folder.length + 1)}`;
    return `\t@$(MAKE) --no-print-directory${where} -f ${file}\n`;
  });
  const lines = [`.PHONY: all below\nall: ${first.join(' ')}${below.length > 0 ? ' below' : ''}\n`];
  if (below.length > 0)
    lines.push(`below: ${first[0]}\n\t@echo going down\n${calls.join('')}\t@echo up again\n`);
  for (const { targets, needs, orderOnly, kind, phony, source } of rules) {
    const head = `${targets.join(' ')} ${kind} ${needs.join(' ')}`;
    const say = (what: string): string => `\t@test ! -e ${source}.bad && echo ${what}\n`;
    if (phony) lines.push(`.PHONY: ${targets.join(' ')}\n${head} | ${orderOnly.join(' ')}\n`);
    else if (kind === '::')
      lines.push(
        `${head} ${source} | ${orderOnly.join(' ')}\n${say(`one ${targets[0]}`)}\t@touch $@\n`,
        `${targets[0]} :: ${source}2\n\t@echo two ${targets[0]}\n\t@touch $@\n`,
      );
    else
      lines.push(
        `${head} ${source} | ${orderOnly.join(' ')}\n${say(`making ${targets.join(' ')}`)}\t@touch ${targets.join(' ')}\n`,
      );
  }
  return lines.join('');
}

const at = ({ folder }: Part, name: string): string => (folder === '' ? name : `${folder}/${name}`);

function files(top: Part): Record<string, string> {
  const found: Record<string, string> = {};
  for (const one of parts(top)) {
    found[at(one, one.file)] = makefile(one);
    for (const { source, kind, phony } of one.rules) {
      if (phony) continue;
      found[at(one, source)] = '';
      if (kind === '::') found[at(one, `${source}2`)] = '';
    }
  }
  return found;
}

/** Makes a file newer than all that was made of it, and not newer than what is made next. */
function touch(it: Tree, name: string): void {
  const time = new Date(Date.now() - 10);
  fs.utimesSync(it.path(name), time, time);
}

/** Makes the targets of one recipe equal: `$@` is the one that make comes to first. */
const unnamed = (log: string): string => log.replaceAll('.h', '.c');

async function history(t: TestContext, seed: number): Promise<void> {
  const random = new Random(seed);
  const top = part(random, '', 'Makefile', 't', 1 + random.below(2));
  const it = tree(t, files(top));
  const build = async (...goals: string[]): Promise<void> => {
    await it.run([LOGLIN, 'make', '-s', '-k', '-j2', ...goals]);
  };
  const all = parts(top);
  const log: string[] = [];
  const touchOne = (one: Part): void => {
    const rule = random.pick(one.rules.filter(({ phony }) => !phony));
    const name = at(one, `${rule.source}${rule.kind === '::' && random.chance(0.5) ? '2' : ''}`);
    touch(it, name);
    log.push(name);
  };
  await build();
  for (let i = 0; i < BUILDS; i++) {
    if (random.chance(0.4)) {
      const [goal] = random.pick(top.rules).targets;
      touchOne(random.pick(all));
      await build(goal!);
      log.push(`make ${goal}`);
    }
    for (let change = random.below(3); change >= 0; change--) {
      const one = random.pick(all);
      const what = random.below(6);
      if (what === 0) {
        // A need moves to another rule before it, or goes. A make with nothing to do does not report its
        // graph.
        const from = random.pick(one.rules);
        const need = from.needs.find((name) => !name.includes('.'));
        if (need === undefined) continue;
        from.needs = from.needs.filter((other) => other !== need);
        const to = random.pick(one.rules);
        const index = one.rules.findIndex(({ targets }) => targets.includes(need));
        if (one.rules.indexOf(to) < index && !to.needs.includes(need) && !to.orderOnly.includes(need))
          to.needs.push(need);
        it.write({ [at(one, one.file)]: makefile(one) });
        log.push(`${at(one, one.file)}: ${need} of ${from.targets[0]} to ${to.targets[0]}`);
        touchOne(one);
      } else if (what === 1) {
        const rule = random.pick(one.rules.filter(({ phony }) => !phony));
        const bad = at(one, `${rule.source}.bad`);
        it.write({ [bad]: '' });
        touch(it, at(one, rule.source));
        await build();
        fs.rmSync(it.path(bad));
        log.push(`${at(one, rule.targets[0]!)} failed`);
      } else touchOne(one);
    }
    await build();
    log.push('make');
    const twin = tree(t, files(top));
    await twin.run([LOGLIN, 'make', '-s', '-j2']);
    // Which of a name's several jobs is `name#2` depends on which ran.
    const named = all.flatMap((one) =>
      one.rules.flatMap(({ targets, kind }) => (kind === '::' ? [] : [at(one, targets[0]!)])),
    );
    const target = random.pick(named);
    const context = `SEED=${seed} ${it.dir} ${log.join('; ')}`;
    assert.equal(unnamed(await it.show('-u')), unnamed(await twin.show()), context);
    assert.equal(
      unnamed((await it.loglin('show', '-u', target)).stdout),
      unnamed((await twin.loglin('show', target)).stdout),
      `${target}: ${context}`,
    );
    twin.remove();
  }
}

const seeds = process.env.SEED?.split('-').map(Number);
const [from = 1, to = from + (seeds ? 0 : PROJECTS - 1)] = seeds ?? [];
for (let seed = from; seed <= to; seed++)
  test(`make: -u prints a full build after a random history, seed ${seed}`, (t: TestContext) =>
    history(t, seed));
