import test from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFileDataBase, prune } from '../../src/capture/hooks/make/graph.ts';
import { forWantOf } from '../rig/tree.ts';
import { indexSpaced, splitNames } from '../../src/model/namelist.ts';
import type { GraphEntry } from '../../src/capture/hooks/make/entries.ts';

const version = spawnSync('make', ['--version'], { encoding: 'utf8' });
const skip = version.error || !version.stdout.startsWith('GNU Make 4') ? forWantOf('GNU make 4') : false;
const FIXTURES = 'test/capture/fixtures/make-graph';

/** An entry without its fields that have default values. */
function entry(name: string, more: Partial<GraphEntry> = {}): GraphEntry {
  const usual = { needs: [], orderOnly: [], also: [], recipe: false, phony: false, doubleColon: false };
  return { name, ...usual, target: true, ...more };
}

function file(name: string): GraphEntry {
  return entry(name, { target: false });
}

function parse(dump: string): GraphEntry[] {
  return parseFileDataBase(Buffer.from(dump));
}

function byName(entries: readonly GraphEntry[]): Map<string, GraphEntry[]> {
  const map = new Map<string, GraphEntry[]>();
  for (const one of entries) map.set(one.name, [...(map.get(one.name) ?? []), one]);
  return map;
}

const STATE = `#  Implicit rule search has not been done.
#  Modification time never checked.
#  File has not been updated.
`;
const FOOTER = '\n# files hash-table stats:\n# Load=12/1024=1%, Rehash=0, Collisions=0/32=0%';
const dumpOf = (...entries: string[]) => `\n# Files\n\n${entries.join('\n')}${FOOTER}`;

/** Runs make in a new directory; returns what print_file_data_base printed, and the text before it. */
function runMake(makefile: Buffer, args: string[], files: readonly Buffer[] = []) {
  const dir = mkdtempSync(join(tmpdir(), 'loglin-graph-'));
  try {
    writeFileSync(join(dir, 'Makefile'), makefile);
    for (const name of files) writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), name]), '');
    const env = { PATH: process.env.PATH, LC_ALL: 'C' };
    const { stdout, stderr } = spawnSync('make', ['-r', '-p', ...args], {
      cwd: dir,
      env,
      maxBuffer: 1 << 28,
    });
    const start = stdout.indexOf('\n# Files\n');
    const stats = stdout.lastIndexOf('\n# files hash-table stats:\n# ');
    assert.ok(start >= 0 && stats > start, stderr.toString());
    const dump = stdout.subarray(start, stdout.indexOf('\n', stats + 29));
    return { dump, output: stdout.subarray(0, start).toString('latin1'), stderr: stderr.toString() };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const parseMakefile = (makefile: string) =>
  byName(parseFileDataBase(runMake(Buffer.from(makefile), ['-n']).dump));

test('reads needs, flags and recipes of entries', () => {
  const dump = dumpOf(
    `all: a b | c\n#  Phony target (prerequisite of .PHONY).\n#  Command line target.\n${STATE}`,
    `a:\n${STATE}#  recipe to execute (from 'Makefile', line 3):\n\techo\n`,
    `b:\n${STATE}#  recipe to execute (from 'Makefile', line 4):\n`,
    `# Not a target:\nc:\n${STATE}`,
    `d: | a b\n${STATE}#  recipe to execute (from 'Makefile', line 5):\n\t\n`,
  );
  assert.deepEqual(parse(dump), [
    entry('all', { needs: ['a', 'b', 'c'], orderOnly: ['c'], phony: true }),
    entry('a', { recipe: true }),
    entry('b'),
    file('c'),
    entry('d', { needs: ['a', 'b'], orderOnly: ['a', 'b'] }),
  ]);
});

test('an empty dump has no entries', () => {
  assert.deepEqual(parse(''), []);
  assert.deepEqual(parse(`\n# Files\n${FOOTER}`), []);
  assert.deepEqual(parse('no\n\nsuch\nthing: \n'), []);
});

test('leaves out loglin.mk', () => {
  const own = `# Not a target:\n/usr/lib/loglin/loglin.mk:\n${STATE}`;
  assert.deepEqual(parse(dumpOf(own, `all:\n${STATE}`)), [entry('all')]);
});

test('a recipe may hold text that looks like an entry', () => {
  const recipe = `\techo \\\n\nb: x\n${STATE}\n`;
  const dump = dumpOf(
    // A continued line and its empty continuation, then lines that start with the prefix again.
    `a: b\n${STATE}#  recipe to execute (from 'Makefile', line 1):\n\techo \\\n\n\tfalse: a\n\t#  Implicit\n\t\\\nx: y\n${STATE}`,
    `.RECIPEPREFIX = >\nb:\n${STATE}#  recipe to execute (from 'Makefile', line 9):\n>echo \\\\\n>#  Phony .PHONY\n`,
    `.RECIPEPREFIX = \nc: a\n${STATE}#  recipe to execute (from 'Makefile', line 9):\n${recipe.replaceAll('\n\n', '\\\n')}`,
    `d:\n${STATE}#  recipe to execute (from 'Makefile', line 10):\n\techo \\\n`,
    `e:\n${STATE}`,
  );
  assert.deepEqual(parse(dump), [
    entry('a', { needs: ['b'], recipe: true }),
    entry('b', { recipe: true }),
    entry('c', { needs: ['a'], recipe: true }),
    entry('d', { recipe: true }),
    entry('e'),
  ]);
});

test("a target's own variables may hold text that looks like an entry", () => {
  const fake = `# a\n# b\n# c\n\nall: zzz\n${STATE}`;
  const dump = dumpOf(
    `# makefile (from 'Makefile', line 1)
all: define V
define W
${fake}endef
endef
# makefile private (from 'Makefile', line 7)
all: X := 1
# one
# two

other: y
${STATE}# makefile (from 'Makefile', line 8)
all: Y += a: Z = b
all: a
${STATE}# automatic
# + := all: a
# variable set hash-table stats:
# Load=3/32=9%, Rehash=0, Collisions=0/3=0%
#  recipe to execute (from 'Makefile', line 9):
\techo
`,
    `# makefile (from 'Makefile', line 1)\nb: c: V := define x\n# Not a target:\nb: c:\n${STATE}`,
    `a: b: c\n${STATE}`,
  );
  assert.deepEqual(parse(dump), [
    entry('all', { needs: ['a'], recipe: true }),
    file('b: c'),
    entry('a', { needs: ['b: c'] }),
  ]);
});

test('a dump cut off among many variables is read in time', () => {
  let dump = '\n# Files\n';
  const variables = Array.from({ length: 60 }, (_, i) => `# makefile\nall: V${i} := 1\n`).join('');
  dump += `\na:\n${STATE}\n${variables}`;
  assert.deepEqual(parse(dump), [entry('a')]);
});

test("make 4.4's .WAIT and second expansion are no needs", () => {
  const more =
    '#  File is a prerequisite of .NOTINTERMEDIATE.\n#  File is secondary (prerequisite of .SECONDARY).\n';
  const dump = dumpOf(
    `all: a .WAIT b $(addprefix x, $(y) z) c$d $e | .WAIT c\n${STATE.replace('\n', `\n${more}`)}`,
    `a:\n${STATE}`,
    `b:\n${STATE}`,
    `c:\n${STATE}`,
    `c$d:\n${STATE}`,
  );
  assert.deepEqual(parse(dump)[0], entry('all', { needs: ['a', 'b', 'c$d', 'c'], orderOnly: ['c'] }));
});

test('names with spaces and colons are told apart by the entries that there are', () => {
  const names = [
    'a',
    'b:',
    'c',
    'a: d',
    'x y',
    'x y z',
    'C:/q',
    '# n',
    '#  m',
    'k::',
    'a | c',
    ' s',
    'é',
    'o ',
  ];
  const lines = names.map((name) => `# Not a target:\n${name}:\n${STATE}`);
  const dump = dumpOf(
    `all: ${names.join(' ')}\n${STATE}`,
    `p: b: c\n${STATE}`,
    `q: r: c\n${STATE}`,
    `# : a | c x y z x y q\n${STATE}`,
    `t:: x y a: d |  s o  x y\n${STATE}`,
    ...lines,
  );
  assert.deepEqual(parse(dump), [
    entry('all', { needs: names }),
    entry('p', { needs: ['b:', 'c'] }),
    entry('q: r', { needs: ['c'] }),
    entry('# ', { needs: ['a | c', 'x y z', 'x y', 'q'] }),
    entry('t', {
      needs: ['x y', 'a: d', ' s', 'o ', 'x y'],
      orderOnly: [' s', 'o ', 'x y'],
      doubleColon: true,
    }),
    ...names.map(file),
  ]);
});

test('names that are not UTF-8 are told apart before they are decoded', () => {
  const text = dumpOf(`all: \xff \xc3\xa9 \xfe\n${STATE}`, `\xff: \xc3\xa9\n${STATE}`, `\xc3\xa9:\n${STATE}`);
  assert.deepEqual(parseFileDataBase(Buffer.from(text, 'latin1')), [
    entry('all', { needs: ['\ufffd', 'é', '\ufffd'] }),
    entry('\ufffd', { needs: ['é'] }),
    entry('é'),
  ]);
});

test('a dump that is cut off anywhere loses the last entry only', () => {
  const dump = readFileSync(join(FIXTURES, 'C.txt'));
  const names = parseFileDataBase(dump).map((one) => one.name);
  for (let end = 0; end < dump.length; end++) {
    const some = parseFileDataBase(dump.subarray(0, end)).map((one) => one.name);
    assert.deepEqual(some, names.slice(0, some.length));
    const whole = dump.subarray(0, end).toString('latin1').split('Modification').length - 2;
    assert.ok(some.length >= whole, `${some.length} of ${whole} entries up to byte ${end}`);
  }
});

test('dumps in other languages and encodings read the same', () => {
  const expected = parseFileDataBase(readFileSync(join(FIXTURES, 'C.txt')));
  assert.deepEqual(
    new Map(expected.map((one) => [one.name, one])),
    new Map(
      [
        entry('all', { needs: ['x.a', 'g1', 'g 2', 'q', 'o', 'r'], orderOnly: ['r'], phony: true }),
        entry('x.a', { needs: ['src'], also: ['x.c', 'x.b'], recipe: true }),
        entry('x.b', { also: ['x.a', 'x.c'] }),
        entry('x.c', { also: ['x.a', 'x.b'] }),
        entry('g1', { needs: ['src'], also: ['g 2'], recipe: true }),
        entry('g 2', { needs: ['src'], also: ['g1'], recipe: true }),
        entry('q', { needs: ['src'], recipe: true, doubleColon: true }),
        entry('o', { recipe: true }),
        entry('r', { recipe: true, phony: true }),
        entry('src', { recipe: true }),
        entry('.PHONY', { needs: ['all', 'r'] }),
        file('Makefile'),
        file('.DEFAULT'),
        file('.SUFFIXES'),
      ].map((one) => [one.name, one]),
    ),
  );
  const others = readdirSync(FIXTURES).filter((name) => name.endsWith('.txt') && name !== 'C.txt');
  assert.ok(others.length > 3);
  for (const name of others) {
    assert.deepEqual(parseFileDataBase(readFileSync(join(FIXTURES, name))), expected, name);
  }
});

test('grouped and pattern targets name each other', { skip }, () => {
  const entries = parseMakefile(
    'all: a x.1 d\na b c\\ c &: d; touch $@\n%.1 %.2 %.3: d; touch $@\nd: ; touch d\n' +
      'e f &:: d ; echo\ne f &:: ; echo\n',
  );
  const also = (name: string) => entries.get(name)?.map((one) => [...one.also].sort());
  assert.deepEqual(also('a'), [['b', 'c c']]);
  assert.deepEqual(also('c c'), [['a', 'b']]);
  assert.deepEqual(also('x.1'), [['x.2', 'x.3']]);
  assert.deepEqual(also('x.3'), [['x.1', 'x.2']]);
  assert.deepEqual(also('d'), [[]]);
  assert.deepEqual(also('e'), [['f'], ['f']]);
});

test('a :: target has an entry for each rule', { skip }, () => {
  const entries = parseMakefile('q:: a | b; echo 1\nq:: c; echo 2\nq::\na b c: ; :\n');
  const rule = { recipe: true, doubleColon: true };
  assert.deepEqual(entries.get('q'), [
    entry('q', { ...rule, needs: ['a', 'b'], orderOnly: ['b'] }),
    entry('q', { ...rule, needs: ['c'] }),
    entry('q', { doubleColon: true }),
  ]);
});

test('entries of the rules that are built in are read', { skip }, () => {
  const makefile = Buffer.from('all: x.o ; :\nx.c: ; touch $@\n.SUFFIXES: .foo\nMAKEFLAGS = \n');
  const dir = mkdtempSync(join(tmpdir(), 'loglin-graph-'));
  writeFileSync(join(dir, 'Makefile'), makefile);
  const { stdout } = spawnSync('make', ['-pn'], { cwd: dir, env: { PATH: process.env.PATH, LC_ALL: 'C' } });
  rmSync(dir, { recursive: true });
  const dump = stdout.subarray(stdout.indexOf('\n# Files\n'), stdout.indexOf('\n# files hash-table stats'));
  const entries = byName(parseFileDataBase(dump));
  assert.deepEqual(entries.get('all'), [entry('all', { needs: ['x.o'], recipe: true })]);
  assert.deepEqual(entries.get('x.o'), [entry('x.o', { needs: ['x.c'], recipe: true })]);
  assert.deepEqual(entries.get('.c.o'), [entry('.c.o', { recipe: true, target: false })]);
  assert.ok(entries.get('.SUFFIXES')?.[0]?.needs.includes('.foo'));
});

/** A small generator of pseudo-random numbers (mulberry32). */
function randomizer(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n: number) => Math.floor(next() * n);
  return {
    below,
    chance: (p: number) => next() < p,
    pick: <T>(list: readonly T[]) => list[below(list.length)]!,
    some: <T>(list: readonly T[], p: number) => list.filter(() => next() < p),
  };
}
type Randomizer = ReturnType<typeof randomizer>;

/** A rule of a generated makefile. Each character of a string is a byte. */
interface Rule {
  name: string;
  id: number;
  needs: string[];
  orderOnly: string[];
  recipe: string[] | undefined;
  prefix: string;
  variables: string[];
  doubleColon: boolean;
  phony: boolean;
}

const LEAF: Rule = {
  name: '',
  id: 900,
  needs: [],
  orderOnly: [],
  recipe: undefined,
  prefix: '\t',
  variables: [],
  doubleColon: false,
  phony: false,
};

const NASTY = [
  ' x',
  ': y',
  ':z',
  '#',
  ' # ',
  '$q',
  '%',
  '=',
  ' = ',
  ' := ',
  ';',
  '"',
  "'",
  '\xc3\xa9',
  '\xff',
];
const NASTIER = ['`', '\\b', '&x', '!', ',', '  y', '{', '<', '+', '~', '@', '.d', 'define', ' endef'];
const COMMANDS = [
  'echo hi',
  '# comment',
  '#  Implicit rule search has been done.',
  'x: y \\\n#  Implicit rule search\\\n#  Modification \\\n#  File',
  'echo \\\n',
  'echo \\\\',
  'a \\\n\\\n\\\n b',
  'if x; then \\\n  y: ; \\\nfi',
  ' ',
];

function makeName(random: Randomizer, id: number): string {
  let name = random.chance(0.05) ? `# n${id}` : `n${id}`;
  if (random.chance(0.4)) return name;
  for (let i = random.below(4); i >= 0; i--) name += random.pick(random.chance(0.7) ? NASTY : NASTIER);
  return name.endsWith(' ') ? `${name}e` : name;
}

/** A name that a makefile can have anywhere: without a semicolon, which mostly starts a recipe. */
function spelledName(random: Randomizer, id: number): string {
  return makeName(random, id).replaceAll(';', ',');
}

function makeRules(
  random: Randomizer,
  makeName: (random: Randomizer, id: number) => string,
): { rules: Rule[]; files: string[] } {
  const count = 3 + random.below(30);
  const files = Array.from({ length: 4 }, (_, i) => makeName(random, 900 + i));
  const rules: Rule[] = [];
  for (let id = count; id >= 0; id--) {
    const others = [...new Set(rules.map((rule) => rule.name))].reverse();
    const wanted = id === 0 ? [...others, ...files] : random.some([...others, ...files], 0.15);
    const orderOnly = random.some(wanted, id === 0 ? 0 : 0.2);
    const name = id === 0 ? 'all' : makeName(random, id);
    const base = { name, id, prefix: random.pick(['\t', '\t', '\t', '>', 'r']), phony: random.chance(0.2) };
    const recipe = () => [
      `: id${id}`,
      ...Array.from({ length: random.below(4) }, () => random.pick(COMMANDS)),
    ];
    const rule: Rule = {
      ...base,
      needs: wanted.filter((need) => !orderOnly.includes(need)),
      orderOnly,
      recipe: random.chance(0.7) ? recipe() : random.chance(0.3) ? [] : undefined,
      variables:
        id > 0 && /^n[^;]*$/.test(name) ? random.some(['lines', 'recursive', 'simple', 'private'], 0.1) : [],
      doubleColon: id > 0 && random.chance(0.15),
      phony: base.phony && id > 0,
    };
    if (rule.doubleColon && random.chance(0.5))
      rules.push({ ...rule, needs: [], orderOnly: [], id: id + 500, recipe: [`: id${id + 500}`] });
    rules.push(rule);
  }
  return { rules: rules.reverse(), files };
}

const escapeName = (name: string) =>
  name.replaceAll('$', '$$$$').replace(/[ :#]/g, '\\$&').replaceAll('=', '$(eq)').replaceAll(';', '$(semi)');
const escapeTarget = (name: string) => escapeName(name).replaceAll('%', '\\%').replace(/&$/, '$(amp)');

function makefileOf(rules: readonly Rule[]): string {
  let text = 'eq := =\nsemi := ;\namp := &\n';
  text += 'define LINES\n# a\n# b\n# c\n\nall: zzz\n#  Implicit\n#  Modification\n#  File\n\nendef\n';
  let prefix = '\t';
  for (const { name, needs, orderOnly, recipe, variables, doubleColon, ...rule } of rules) {
    const target = escapeTarget(name);
    for (const variable of variables) {
      if (variable === 'lines') text += `${target}: L := $(LINES)\n`;
      if (variable === 'recursive') text += `${target}: R = $(LINES) b: c := d\n`;
      if (variable === 'simple') text += `${target}: S := define x $$ y: T = z\n`;
      if (variable === 'private') text += `${target}: private P += #\n`;
    }
    if (prefix !== rule.prefix) text += `.RECIPEPREFIX = ${rule.prefix === '\t' ? '' : rule.prefix}\n`;
    prefix = rule.prefix;
    const normal = needs.map(escapeName).join(' ');
    const order = orderOnly.length > 0 ? ` | ${orderOnly.map(escapeName).join(' ')}` : '';
    const space = /[&)]$/.test(target) ? ' ' : '';
    text += `${target}${space}${doubleColon ? '::' : ':'} ${normal}${order}${recipe?.length === 0 ? ' ;' : ''}\n`;
    for (const command of recipe ?? []) text += `${prefix}${command}\n`;
  }
  const phony = rules.filter((rule) => rule.phony).map((rule) => escapeName(rule.name));
  return `${text}\n.PHONY: ${phony.join(' ')}\n`;
}

const decode = (bytes: string) => Buffer.from(bytes, 'latin1').toString();

function entryOf({ name, needs, orderOnly, recipe, doubleColon, ...rule }: Rule): GraphEntry {
  return entry(decode(name), {
    needs: [...needs, ...orderOnly].map(decode),
    orderOnly: orderOnly.map(decode),
    recipe: (recipe?.length ?? 0) > 0,
    phony: rule.phony,
    doubleColon,
  });
}

/** The ids of rules in the order of a depth-first walk, which is that of `make -j1`. */
function walk(entries: ReadonlyMap<string, GraphEntry[]>, rules: ReadonlyMap<string, Rule[]>): number[] {
  const seen = new Set<string>();
  const order: number[] = [];
  const visit = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    entries.get(name)?.forEach((one, i) => {
      one.needs.forEach(visit);
      if (one.recipe) order.push(rules.get(name)![i]!.id);
    });
  };
  visit('all');
  return order;
}

test('nasty makefiles: each entry is read, and a depth-first walk is the order of make -n', { skip }, () => {
  for (let seed = 1; seed <= 150; seed++) {
    const { rules, files } = makeRules(randomizer(seed), spelledName);
    const makefile = Buffer.from(makefileOf(rules), 'latin1');
    const { dump, output, stderr } = runMake(
      makefile,
      ['-n', 'all'],
      files.map((name) => Buffer.from(name, 'latin1')),
    );
    assert.equal(stderr, '', `seed ${seed}`);
    const entries = byName(parseFileDataBase(dump));
    const expected = new Map<string, Rule[]>();
    for (const rule of rules)
      expected.set(decode(rule.name), [...(expected.get(decode(rule.name)) ?? []), rule]);
    for (const [name, list] of expected)
      assert.deepEqual(entries.get(name), list.map(entryOf), `seed ${seed}`);
    for (const name of files)
      assert.deepEqual(entries.get(decode(name)), [file(decode(name))], `seed ${seed}`);
    const others = [...entries.keys()].filter(
      (name) => !expected.has(name) && !files.map(decode).includes(name),
    );
    const settings = others.filter((name) => !/^(?:Makefile|\.[A-Z]+)$/.test(name));
    assert.deepEqual(settings, [], `seed ${seed}`);
    const ran = [...output.matchAll(/^: id(\d+)$/gm)].map((match) => Number(match[1]));
    assert.deepEqual(ran, walk(entries, expected), `seed ${seed}`);
  }
});

/** Prints rules like print_file, in an invented language, with names that no makefile can have. */
function printRules(rules: readonly Rule[], random: Randomizer): { dump: string; entries: GraphEntry[] } {
  const words = ['Xyz', '.PRECIOUS', 'été:', '\xef\xbc\x9a', '(a: b, c)', "'%s'", '2024-01-01 10:00:00'];
  const mark = random.pick(['# ', '#  ']);
  const comment = () =>
    `${mark}${Array.from({ length: 1 + random.below(4) }, () => random.pick(words)).join(' ')}\n`;
  const colon = random.pick([':', '\xc2\xa0:', '\xef\xbc\x9a']);
  const german = random.chance(0.2);
  let prefix = random.pick(['\t', '>']);
  let dump = '\n# Files\n';
  const entries: GraphEntry[] = [];
  for (const rule of rules) {
    const { name, needs, orderOnly, recipe, doubleColon } = rule;
    dump += '\n';
    if (recipe && rule.prefix !== prefix) {
      prefix = rule.prefix;
      dump += `.RECIPEPREFIX = ${prefix === '\t' ? '' : prefix}\n`;
    }
    for (const variable of rule.variables) {
      dump += comment();
      if (variable === 'lines')
        dump += `${name}: define L\ndefine\n# a\n# b\n# c\n# d\nendef\n\n\nall: x\nendef\n`;
      if (variable === 'recursive') dump += `${name}: R = all: \n`;
      if (variable === 'simple') dump += `${name}: S := \n\n# a\nall: b\n# b\n# c\n# d\n\n`;
      if (variable === 'private') dump += `${name}: P += all: b := c\n`;
    }
    // The cases that the parser does not know (graph.ts).
    const isDefinition = / [:+]?= /.test(needs[0] ?? orderOnly[0] ?? '');
    const target = rule.id !== LEAF.id && (doubleColon || rule.phony || isDefinition || random.chance(0.9));
    if (!target) dump += `${mark}No goal${colon}\n`;
    dump += [`${name}:${doubleColon ? ':' : ''}`, ...needs].join(' ');
    if (orderOnly.length > 0) dump += ` | ${orderOnly.join(' ')}`;
    dump += '\n';
    if (random.chance(0.2)) dump += `${mark}dear (.PRECIOUS)\n`;
    if (rule.phony) dump += `${mark}no file (.PHONY)\n`;
    for (let i = random.below(4); i > 0; i--) dump += comment();
    const also = random.some([...needs, ...orderOnly], 0.02);
    const isTail = also.some((_, i) => [...needs, ...orderOnly].includes(also.slice(i).join(' ')));
    if (also.length > 0 && isTail) dump += `${mark}makes, too${colon} ${also.join(' ')}\n`;
    dump += `${comment()}${comment()}${comment()}`;
    if (rule.variables.length > 0 || random.chance(0.1)) {
      if (random.chance(0.5))
        dump += `# Automat\n# ${random.pick(['@', '%', '*', '<', '?', '^', '+', '|'])} := ${needs.join(' ')}\n`;
      dump += `# variables:\n${german ? '\n' : ''}# Load=0/32=0%, Rehash=0\n`;
    }
    if (recipe) dump += comment();
    for (const command of recipe ?? []) dump += `${prefix}${command}\n`;
    entries.push({ ...entryOf(rule), target, also: also.length > 0 && isTail ? also.map(decode) : [] });
  }
  return { dump: dump + FOOTER, entries };
}

test('nasty dumps in any language are read', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = randomizer(seed);
    const { rules, files } = makeRules(random, makeName);
    rules.push(...['Makefile', ...files].map((name) => ({ ...LEAF, name })));
    const { dump, entries } = printRules(rules, random);
    const strip = ({ also: _, ...one }: GraphEntry) => one;
    const parsed = parseFileDataBase(Buffer.from(dump, 'latin1'));
    assert.deepEqual(parsed.map(strip), entries.map(strip), `seed ${seed}`);
    // Peers are made symmetric, so there can be more of them.
    const peers = byName(parsed);
    for (const { name, also } of entries) {
      for (const peer of also) {
        const found = peers.get(name)!.flatMap((one) => one.also);
        assert.ok(found.includes(peer), `seed ${seed}: ${name} also makes ${peer}: ${found.join(', ')}`);
      }
    }
  }
});

test('splits names as make prints them', () => {
  assert.deepEqual(splitNames('a b c | d', indexSpaced([])), ['a', 'b', 'c', 'd']);
  assert.deepEqual(splitNames('', indexSpaced([])), []);
  assert.deepEqual(splitNames(' | ', indexSpaced([])), []);
  assert.deepEqual(splitNames('a b | ', indexSpaced([])), ['a', 'b']);
  assert.deepEqual(splitNames('a b c d | c d', indexSpaced(['b c', 'c d', 'b c d'])), ['a', 'b c d', 'c d']);
  assert.deepEqual(splitNames('a b c d', indexSpaced(['b c', 'b c d e'])), ['a', 'b c', 'd']);
  assert.deepEqual(splitNames('a bc', indexSpaced(['a b'])), ['a', 'bc']);
  assert.deepEqual(splitNames('x | y | z', indexSpaced(['x | y'])), ['x | y', 'z']);
  assert.deepEqual(splitNames('a  b  c', indexSpaced([' b', 'q q'])), ['a', ' b', 'c']);
});

test('prune keeps what the goals reach', () => {
  const entries = [
    file('a.h'),
    entry('.PHONY', { needs: ['all'] }),
    entry('a.o', { needs: ['a.c', 'a.h'], recipe: true }),
    file('a.c'),
    entry('FORCE'),
    entry('all', { needs: ['a.o', 'FORCE', 'gone'], phony: true }),
    entry('clean', { recipe: true }),
    entry('a.lst', { also: ['a.o'] }),
    file('Makefile'),
    entry('q', { needs: ['r'], doubleColon: true }),
    entry('q', { needs: ['q'], doubleColon: true }),
    entry('r', { also: ['a.lst'], needs: ['q'] }),
  ];
  const kept = (...goals: string[]) => prune(entries, goals).map((one) => one.name);
  assert.deepEqual(kept('all'), ['a.o', 'FORCE', 'all']);
  assert.deepEqual(kept('./clean', 'nothing'), ['clean']);
  assert.deepEqual(kept('q'), ['a.o', 'a.lst', 'q', 'q', 'r']);
  assert.deepEqual(kept(), ['a.o', 'FORCE', 'all', 'clean', 'a.lst', 'q', 'q', 'r']);
  assert.deepEqual(kept('nothing'), kept());
  assert.equal(prune(entries, ['all'])[0], entries[2]);
});
