// The arrows between the folders of src/, as design has them: reads every import and fails on one that is not
// allowed. A type-only import counts as an import.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';

/** Which rooms a room may import from, itself aside. */
const arrows: Record<string, readonly string[]> = {
  model: [],
  linearize: ['model'],
  problems: ['model'],
  timing: ['model', 'linearize'],
  record: ['model'],
  store: ['model', 'record'],
  remote: ['model', 'record', 'store'],
  capture: ['model', 'record', 'store'],
  render: ['model', 'linearize', 'problems', 'timing'],
  play: ['model', 'linearize', 'record', 'render'],
  search: ['model', 'record', 'render'],
  documents: ['model', 'linearize', 'problems', 'record', 'render', 'search'],
  compare: ['model', 'linearize', 'problems', 'record', 'render', 'search', 'documents'],
  view: [
    'model',
    'linearize',
    'problems',
    'timing',
    'record',
    'store',
    'render',
    'play',
    'search',
    'compare',
    'documents',
  ],
  serve: ['model', 'record', 'render', 'store', 'view'],
  watch: ['model', 'record', 'store', 'view'],
  web: [
    'model',
    'linearize',
    'problems',
    'timing',
    'record',
    'render',
    'play',
    'search',
    'compare',
    'documents',
  ],
  tui: [
    'model',
    'linearize',
    'problems',
    'timing',
    'record',
    'store',
    'render',
    'play',
    'search',
    'compare',
    'documents',
    'view',
  ],
  cli: [
    'model',
    'linearize',
    'problems',
    'timing',
    'record',
    'store',
    'remote',
    'capture',
    'render',
    'play',
    'search',
    'compare',
    'documents',
    'view',
    'web',
    'serve',
    'watch',
    'tui',
  ],
};

/** Rooms that import neither Node's modules nor packages. */
const pure = ['model', 'linearize', 'problems', 'timing'];

/** Packages that one room alone imports. */
const owners: Record<string, string> = {
  commander: 'cli',
  '@modelcontextprotocol/sdk': 'cli',
  zod: 'cli',
  aws4fetch: 'remote',
  blessed: 'tui',
  ndjson: 'capture',
  split2: 'capture',
};

/** What each file imports, as written; paths are relative to the project root (`src/model/job.ts`). */
type Imports = ReadonlyMap<string, readonly string[]>;

/** Says for every import that breaks a rule which file it is in, and why. */
function violations(imports: Imports): string[] {
  const found: string[] = [];
  for (const [file, specifiers] of imports) {
    const room = roomOf(file);
    const allowed = room === undefined ? undefined : arrows[room];
    if (room === undefined || allowed === undefined) {
      found.push(`${file} is in none of the rooms ${Object.keys(arrows).join(', ')}`);
      continue;
    }
    for (const specifier of specifiers) {
      const why = objection(file, room, allowed, specifier);
      if (why !== undefined) found.push(`${file} imports '${specifier}': ${why}`);
    }
  }
  return [...found, ...cycles(imports)];
}

function objection(
  file: string,
  room: string,
  allowed: readonly string[],
  specifier: string,
): string | undefined {
  if (!specifier.startsWith('.')) {
    const owner = owners[specifier.split('/')[0]!];
    if (owner !== undefined && owner !== room) return `only src/${owner} may`;
    return pure.includes(room)
      ? `src/${room} is pure, it imports no packages and none of Node's modules`
      : undefined;
  }
  const target = resolve(file, specifier);
  if (target === 'package.json' && room === 'cli') return undefined;
  const other = roomOf(target);
  if (other === undefined) return 'it is in none of the rooms of src/';
  if (other === room || allowed.includes(other)) return undefined;
  return `src/${room} may import ${allowed.length === 0 ? 'nothing' : `only ${allowed.join(', ')}`}`;
}

/** Circular imports, each told once, from the first of its files by name. */
function cycles(imports: Imports): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const start = trail.indexOf(file);
    if (start !== -1) {
      const circle = trail.slice(start);
      const first = circle.indexOf([...circle].sort()[0]!);
      const told = [...circle.slice(first), ...circle.slice(0, first + 1)];
      found.push(`circular import: ${told.join(' -> ')}`);
    }
    if (done.has(file)) return;
    done.add(file);
    for (const specifier of imports.get(file) ?? []) {
      if (specifier.startsWith('.')) visit(resolve(file, specifier), [...trail, file]);
    }
  };
  for (const file of imports.keys()) visit(file, []);
  return found;
}

function resolve(file: string, specifier: string): string {
  return posix.join(posix.dirname(file), specifier);
}

function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

function importsOf(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map((imported) => imported.fileName);
}

function importsBelow(dir: string): Imports {
  return new Map(filesBelow(dir).map((path) => [path, importsOf(readFileSync(path, 'utf8'))]));
}

/** The TypeScript files below a folder, by name. */
function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(dir, name))
    .sort();
}

test('src/ keeps to the arrows of its rooms', () => {
  const imports = importsBelow('src');
  assert.ok(imports.size > 0, 'no source file found');
  assert.deepEqual(violations(imports), []);
});

test('only src/view and src/documents make walks and their options', () => {
  const makers = filesBelow('src').filter((file) =>
    /\bnew Walk\(|\bWalkOptions\b/.test(readFileSync(file, 'utf8')),
  );
  const rooms = new Set(makers.map(roomOf));
  rooms.delete('linearize');
  assert.deepEqual([...rooms].sort(), ['documents', 'view']);
});

test('every form of import is seen', () => {
  const text = `
    import a, { b } from './a.ts';
    import type { C } from './c.ts';
    import { type D } from './d.ts';
    import './e.ts';
    export * from './f.ts';
    export type { G } from './g.ts';
    const h = await import('./h.ts');
    let i: import('./i.ts').I;
    // import './not-this.ts';
    const s = "import './nor-this.ts'";`;
  const names = ['a', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name) => `./${name}.ts`);
  assert.deepEqual(importsOf(text), names);
});

test('what is allowed passes', () => {
  const imports = new Map([
    ['src/model/job.ts', ['./ids.ts']],
    ['src/model/ids.ts', []],
    ['src/store/layout.ts', ['node:fs', '../model/job.ts']],
    ['src/tui/app.ts', ['blessed', '../render/plain.ts']],
    ['src/cli/main.ts', ['commander', './show.ts', '../capture/record.ts', '../../package.json']],
  ]);
  assert.deepEqual(violations(imports), []);
});

for (const [file, specifier, why] of [
  ['src/model/job.ts', '../store/layout.ts', 'src/model may import nothing'],
  ['src/linearize/walk.ts', '../store/log.ts', 'src/linearize may import only model'],
  [
    'src/linearize/walk.ts',
    'node:fs',
    "src/linearize is pure, it imports no packages and none of Node's modules",
  ],
  ['src/render/plain.ts', '../store/log.ts', 'src/render may import only model, linearize, problems, timing'],
  ['src/store/layout.ts', '../cli/main.ts', 'src/store may import only model, record'],
  [
    'src/tui/app.ts',
    '../capture/record.ts',
    'src/tui may import only model, linearize, problems, timing, record, store, render, play, search, compare, documents, view',
  ],
  ['src/play/loop.ts', 'commander', 'only src/cli may'],
  ['src/cli/main.ts', 'blessed', 'only src/tui may'],
  ['src/play/loop.ts', '../util.ts', 'it is in none of the rooms of src/'],
] as const) {
  test(`${file} must not import ${specifier}`, () => {
    assert.deepEqual(violations(new Map([[file, [specifier]]])), [`${file} imports '${specifier}': ${why}`]);
  });
}

test('a file outside of the rooms is told', () => {
  const [told] = violations(new Map([['src/util.ts', []]]));
  assert.match(told ?? '', /^src\/util\.ts is in none of the rooms/);
});

test('a circular import is told', () => {
  const imports = new Map([
    ['src/cli/main.ts', ['../store/b.ts']],
    ['src/store/a.ts', ['./b.ts']],
    ['src/store/b.ts', ['./c.ts']],
    ['src/store/c.ts', ['./a.ts']],
  ]);
  const circle = 'src/store/a.ts -> src/store/b.ts -> src/store/c.ts -> src/store/a.ts';
  assert.deepEqual(violations(imports), [`circular import: ${circle}`]);
});
