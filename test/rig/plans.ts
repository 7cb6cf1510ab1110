// What a fake build does: a plan that can be run with any number of interleavings (fakebuild.ts). Also random
// plans, and the expected output of a plan in the order of needs: the rules of design/order.md once more, by
// recursion, from the plan instead of from events.

import { Random } from './seeded.ts';

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** `loglin -t NAME … &` */
  | { readonly kind: 'launch'; readonly job: JobPlan }
  /** `loglin --once -t NAME … &`, NAME being one of the plan's onces. */
  | { readonly kind: 'once'; readonly name: string }
  /** `loglin link NAME` of something that did not run. */
  | { readonly kind: 'need'; readonly name: string }
  | { readonly kind: 'wait' }
  | { readonly kind: 'make'; readonly make: MakePlan };

export interface JobPlan {
  readonly name: string;
  readonly parts: readonly Part[];
  readonly exit: number;
  readonly aside: boolean;
}

export interface TargetPlan {
  readonly name: string;
  readonly needs: readonly string[];
  /** None: no recipe. Several: a double-colon target, each rule with its own needs. */
  readonly rules: readonly { readonly needs: readonly string[]; readonly job: JobPlan }[];
  readonly upToDate: boolean;
  readonly also: readonly string[];
}

export interface MakePlan {
  readonly goals: readonly string[];
  readonly targets: ReadonlyMap<string, TargetPlan>;
  /** Makefiles to be remade first: no goal reaches them. */
  readonly includes: readonly string[];
  /** The output of make itself: before the first job, between the jobs, at the end. */
  readonly before: string;
  readonly between: readonly string[];
  readonly after: string;
}

export interface Plan {
  readonly root: JobPlan;
  readonly onces: ReadonlyMap<string, JobPlan>;
}

export interface PlanOptions {
  readonly makes?: boolean;
  readonly scripts?: boolean;
  /** Every target has a recipe and runs. */
  readonly complete?: boolean;
  /** Roughly how many jobs. */
  readonly size?: number;
  /** Texts that jobs print among others. */
  readonly texts?: readonly string[];
}

export function randomPlan(random: Random, options: PlanOptions = {}): Plan {
  const { makes = true, scripts = true, complete = false } = options;
  let budget = options.size ?? 25;
  let texts = 0;
  const onces = new Map<string, JobPlan>();
  const onceNames = scripts ? Array.from({ length: random.below(4) }, (_, i) => `once${i}`) : [];

  const text = (name: string): string => {
    const n = ++texts;
    if (options.texts && random.chance(0.5)) return random.pick(options.texts);
    switch (random.below(8)) {
      case 0:
        return `${name} ${n}`; // no newline
      case 1:
        return `${name} ${n}a\n${name} ${n}b\n${name} ${n}c`;
      case 2:
        return '\n';
      default:
        return `${name} ${n}\n`;
    }
  };

  /** @param onceFrom only the onces from this one on may be used, so that there is no cycle. */
  const job = (name: string, depth: number, onceFrom: number): JobPlan => {
    const parts: Part[] = [];
    const length = random.below(6);
    for (let i = 0; i < length; i++) {
      const roll = random.below(10);
      if (roll < 4 || depth > 4) parts.push({ kind: 'text', text: text(name) });
      else if (roll < 6 && scripts && budget-- > 0) {
        const child = random.chance(0.15) ? 'same' : `${name}.${i}`;
        parts.push({ kind: 'launch', job: job(child, depth + 1, onceFrom) });
      } else if (roll === 6 && onceFrom < onceNames.length)
        parts.push({ kind: 'once', name: random.pick(onceNames.slice(onceFrom)) });
      else if (roll === 7) parts.push(random.chance(0.3) ? { kind: 'need', name: 'old' } : { kind: 'wait' });
      else if (roll > 7 && makes && budget > 2)
        parts.push({ kind: 'wait' }, { kind: 'make', make: make(name, depth + 1, onceFrom) });
    }
    return {
      name,
      parts,
      exit: random.chance(0.1) ? 1 + random.below(3) : 0,
      aside: random.chance(0.1),
    };
  };

  const make = (where: string, depth: number, onceFrom: number): MakePlan => {
    const count = 1 + random.below(Math.max(1, Math.min(9, budget)));
    budget -= count;
    const names = Array.from({ length: count }, (_, i) => `${where}/t${i}${random.chance(0.1) ? ' x' : ''}`);
    const targets = new Map<string, TargetPlan>();
    const below = (name: string): JobPlan => job(name, depth + 1, onceFrom);
    const recipe = (name: string, needs: readonly string[]): TargetPlan => {
      const hasRecipe = complete || random.chance(0.8);
      const several = hasRecipe && !complete && random.chance(0.1);
      const rules = !hasRecipe
        ? []
        : several
          ? Array.from({ length: 2 }, () => ({ needs: random.some(needs, 0.6), job: below(name) }))
          : [{ needs, job: below(name) }];
      const all = several ? [...new Set(rules.flatMap((rule) => rule.needs))] : needs;
      return { name, needs: all, rules, upToDate: !complete && random.chance(0.15), also: [] };
    };
    names.forEach((name, i) => {
      const needs = random.shuffled(random.some(names.slice(i + 1), 0.35));
      targets.set(name, recipe(name, needs));
    });
    // A second output of one recipe: this name has no rule of its own.
    names.forEach((name, i) => {
      const target = targets.get(name);
      if (!complete && target?.rules.length === 1 && random.chance(0.15)) {
        const also = `${where}/also${i}`;
        targets.set(name, { ...target, also: [also] });
        targets.set(also, { name: also, needs: target.needs, rules: [], upToDate: false, also: [name] });
        const user = targets.get(random.pick(names.slice(0, i + 1)));
        if (user && user.name !== name && user.rules.length < 2) {
          const needs = [...user.needs, also];
          targets.set(user.name, { ...user, needs, rules: user.rules.map((rule) => ({ ...rule, needs })) });
        }
      }
    });
    const includes: string[] = [];
    for (let i = random.below(8) === 0 ? 1 + random.below(3) : 0; i > 0; i--) {
      const include = `${where}/inc${i}.mk`;
      const tool = `${where}/tool${i}`;
      includes.push(include);
      const needs = random.chance(0.5) ? [tool] : [];
      for (const [name, its] of [
        [include, needs],
        [tool, []],
      ] as const)
        targets.set(name, {
          name,
          needs: its,
          rules: [{ needs: its, job: { ...below(name), exit: 0 } }],
          upToDate: false,
          also: [],
        });
    }
    const goals = [...new Set([names[0]!, ...random.some(names, 0.2)])];
    return {
      goals: random.shuffled(goals),
      targets,
      includes,
      before: random.chance(0.3) ? text('make') : '',
      between: Array.from({ length: random.below(3) }, () => text('make')),
      after: random.chance(0.3) ? text('make') : '',
    };
  };

  onceNames.forEach((name, i) => onces.set(name, job(name, 2, i + 1)));
  const root = job('root', 0, 0);
  if (random.chance(0.7) || root.parts.length === 0) {
    const part: Part =
      makes && (!scripts || random.chance(0.7))
        ? { kind: 'make', make: make('root', 1, 0) }
        : { kind: 'launch', job: job('child', 1, 0) };
    return { root: { ...root, aside: false, parts: [...root.parts, { kind: 'wait' }, part] }, onces };
  }
  return { root: { ...root, aside: false }, onces };
}

/** Which targets of a make run, and which of their jobs, if it continues after failures. */
export function running(make: MakePlan): Map<string, JobPlan[]> {
  const jobs = new Map<string, JobPlan[]>();
  const failedOnes = new Set<string>();
  const done = new Set<string>();
  const visit = (name: string): void => {
    const target = make.targets.get(name);
    if (!target || done.has(name)) return;
    done.add(name);
    if (target.rules.length === 0 && target.also[0] !== undefined) {
      visit(target.also[0]);
      if (failedOnes.has(target.also[0])) failedOnes.add(name);
      return;
    }
    if (target.rules.length === 0 || target.upToDate) {
      for (const need of target.needs) visit(need);
      if (target.needs.some((need) => failedOnes.has(need))) failedOnes.add(name);
      return;
    }
    const ran: JobPlan[] = [];
    for (const rule of target.rules) {
      for (const need of rule.needs) visit(need);
      if (rule.needs.some((need) => failedOnes.has(need))) {
        failedOnes.add(name);
        break;
      }
      ran.push(rule.job);
      if (rule.job.exit !== 0) {
        failedOnes.add(name);
        break;
      }
    }
    jobs.set(name, ran);
  };
  for (const name of [...make.includes, ...make.goals]) visit(name);
  return jobs;
}

/** A job that is being shown. */
interface Open {
  readonly plan: JobPlan;
  readonly depth: number;
  readonly parent: Open | undefined;
  name: string | undefined;
  nested: boolean;
}

/** The expected output of `show`. */
export function expected(plan: Plan): string {
  let out = '';
  const counts = new Map<string, number>();
  const shownOnces = new Set<string>();

  const header = (depth: number, text: string): void => {
    if (out !== '' && !out.endsWith('\n')) out += '\n';
    out += `${'  '.repeat(depth)}${text}\n`;
  };
  const enter = (open: Open): void => {
    if (open.depth < 0 || open.name !== undefined) return;
    if (open.parent) {
      enter(open.parent);
      open.parent.nested = true;
    }
    const count = (counts.get(open.plan.name) ?? 0) + 1;
    counts.set(open.plan.name, count);
    open.name = count === 1 ? open.plan.name : `${open.plan.name}#${count}`;
    header(open.depth, `▸ ${open.name}`);
  };
  let last: Open | undefined;
  const say = (open: Open, text: string): void => {
    if (text === '') return;
    enter(open);
    if (open.nested) {
      open.nested = false;
      if (open.depth >= 0) header(open.depth, `▸ ${open.name ?? ''} (resumed)`);
    }
    if (last !== open && out !== '' && !out.endsWith('\n')) out += '\n';
    last = open;
    out += text;
  };

  const showJob = (
    job: JobPlan,
    depth: number,
    parent: Open | undefined,
    needs: (open: Open) => void,
  ): void => {
    const open: Open = { plan: job, depth, parent, name: undefined, nested: false };
    if (!job.aside) enter(open);
    needs(open);
    let log = '';
    // A job launched in the middle of a line is shown after that line.
    let waiting: (() => void)[] = [];
    const flush = (): void => {
      const now = waiting;
      waiting = [];
      for (const show of now) show();
    };
    const own = (text: string): void => {
      log += text;
      const end = text.indexOf('\n') + 1;
      if (waiting.length === 0 || end === 0) say(open, text);
      else {
        say(open, text.slice(0, end));
        flush();
        say(open, text.slice(end));
      }
    };
    const nest = (show: () => void): void => {
      if (log === '' || log.endsWith('\n')) show();
      else waiting.push(show);
    };
    for (const part of job.parts) {
      switch (part.kind) {
        case 'text':
          own(part.text);
          break;
        case 'launch':
          nest(() => {
            showJob(part.job, depth + 1, open, () => undefined);
          });
          break;
        case 'once':
          nest(() => {
            if (shownOnces.has(part.name)) return;
            shownOnces.add(part.name);
            showJob(plan.onces.get(part.name)!, depth + 1, open, () => undefined);
          });
          break;
        case 'make': {
          const { make } = part;
          own(make.before);
          nest(() => {
            showMake(make, depth + 1, open);
          });
          own(make.between.join(''));
          own(make.after);
          break;
        }
        case 'need':
        case 'wait':
          break;
      }
    }
    flush();
    if (open.name !== undefined && job.exit !== 0) header(depth, `✗ ${open.name} (exit ${job.exit})`);
  };

  const showMake = (make: MakePlan, depth: number, open: Open): void => {
    const ran = running(make);
    const visited = new Set<string>();
    const visit = (name: string, at: number, parent: Open): void => {
      if (visited.has(name)) return;
      visited.add(name);
      const target = make.targets.get(name)!;
      const [maker] = target.also;
      if (target.rules.length === 0 && maker !== undefined && (ran.get(maker)?.length ?? 0) > 0) {
        visit(maker, at, parent);
        return;
      }
      const jobs = ran.get(name) ?? [];
      jobs.forEach((job) => {
        const needs = target.rules.find((rule) => rule.job === job)?.needs ?? [];
        // A rule without needs of its own is indistinguishable from one whose needs were not recorded.
        const shown = needs.length > 0 ? needs : target.needs;
        showJob(job, at, parent, (child) => {
          for (const need of shown) visit(need, at + 1, child);
        });
      });
      for (const need of target.needs) visit(need, at, parent);
    };
    for (const name of [...make.includes, ...make.goals]) visit(name, depth, open);
  };

  showJob(plan.root, -1, undefined, () => undefined);
  return out === '' || out.endsWith('\n') ? out : `${out}\n`;
}
