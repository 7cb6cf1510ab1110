// Names and texts chosen to do harm, at every place where one can stand, through every command that prints
// one. The output is printable and has no more in it than it should, and machines read the exact names.
// (docs/security-names.md)

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { createTarPacker } from 'modern-tar';
import { buffer } from 'node:stream/consumers';
import type { BuildEvent } from '../../src/model/events.ts';
import { mergeGraphs } from '../../src/model/graph.ts';
import { setGraph } from '../../src/model/reduce.ts';
import { shellWord } from '../../src/render/formats.ts';
import { CONTROLS, HOSTILE, SEQUENCES } from '../rig/hostile.ts';
import { MATRIX, type Cell, type Place, markdown } from '../rig/matrix.ts';
import { LOGLIN_BIN, Sandbox } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';

const box = new Sandbox();
after(() => {
  box.remove();
});

/** All of it in one string. */
const EVIL = [...SEQUENCES, ...CONTROLS, '$(touch pwned)`touch pwned`;\'"%s'].join(' ');
/** The form that an argument or a variable can hold. */
const WORD = `Qword${EVIL.replaceAll(/\0|\p{Cs}/gu, '')}`;
/** The form that a normalised path has. */
const NAME = EVIL.replaceAll('/', '');
/** The form that a folder's name can have. */
const FOLDER =
  'Qpath \x1b]0;t\x07\x1b[31m\u202e\u200b\u009b2J\n\r\t\x7f\u2028$(touch pwned)`touch pwned`\'"%s';

/** The place that a tag stands for. */
const TAGS: Readonly<Record<string, Place>> = {
  Qtarget: 'target',
  Qneed: 'target',
  Qnewer: 'target',
  Qcommand: 'command',
  Qroot: 'root',
  Qnamed: 'root',
  Qfolder: 'folder',
  Qtool: 'tool',
  Qwhy: 'why',
  Qtext: 'text',
  Qfile: 'problem',
  Qcode: 'problem',
  Qmessage: 'problem',
  Qpattern: 'config',
  Qkey: 'config',
  Qvalue: 'config',
  Qrev: 'revision',
  Qid: 'id',
  Qbuild: 'id',
  Qpath: 'path',
  Qword: 'word',
  Qarchive: 'archive',
};

/**
 * The contents of the logs: nothing; sequences and control characters; also characters that a terminal does
 * not obey, but that reverse text or are invisible.
 */
type Logs = 'tame' | 'controls' | 'everything';

function log(logs: Logs, round: number): string {
  const all = [...SEQUENCES, ...CONTROLS].filter((one) => !/[\n\r]/.test(one));
  const chosen =
    logs === 'tame' ? [] : logs === 'controls' ? all.map((one) => one.replaceAll(/[^\x00-\x9f]/g, '')) : all;
  const whole = chosen.filter((one) => !/\x1b(?:\[|\]0;never ends)?$/.test(one)).join(' ');
  const file = logs === 'everything' ? '\u202e\u200b\u0085\b\x7f' : logs === 'controls' ? '\b\x7f' : '';
  return [
    ...chosen.map((one) => `Qtext${round} ${one}`),
    `Qfile${file}.c:3:4: error: Qmessage${round} ${whole} [-WQcode]`,
    `    3 |   Qtext ${whole}`,
    '      |   ^',
    `own: Qmessage${round} ${whole}`,
    '',
  ].join('\n');
}

const TARGETS = HOSTILE.map((one) => `Qtarget${one}`);

const commandOf = (round: number): string => `Qcommand${round}${EVIL}\nand more`;

/** A build with all of these. */
function record(store: string, id: string, round: 1 | 2, logs: Logs): void {
  const story = new Story('Qroot', round === 1 ? `Qnamed${EVIL}` : undefined);
  const root = round === 1 ? `Qnamed${EVIL}` : 'Qroot';
  story.make(root, ['all'], 'make').make(root, [], 'tool');
  const job = (name: string, make: string, status: number, explained?: object): void => {
    story.start(name, { make });
    if (explained) story.event({ e: 'why', t: 1, j: story.id(name), ...explained });
    story.step(name, commandOf(round)).say(name, `Qtext${round}\n`);
    if (status > 0) story.say(name, log(logs, round));
    story.end(name, { exit: status });
  };
  for (const name of TARGETS) job(name, 'make', 0);
  for (const name of ['Qtarget/x/same', 'Qtarget/y/same']) job(name, 'make', 0);
  job('Qtarget/fails', 'make', 1, { command: true });
  job('Qtarget/file', 'make', 0, { newer: [`Qnewer${NAME}`] });
  job('Qtarget/tool', 'tool', 0, { why: `Qwhy${EVIL}` });
  job('Qtarget/silent', 'tool', 0);
  story.need('Qtarget/fails', `Qneed${EVIL}`);
  story.event({ e: 'note', t: 1, text: `Qnote${EVIL}` });
  const needs = [...TARGETS, `Qneed/graph${NAME}`, 'Qtarget/fails', 'Qtarget/file'];
  const [make] = story.build.instances;
  const graph = mergeGraphs(undefined, [
    { name: 'all', needs, recipe: false },
    ...needs.map((name) => ({ name, needs: [], recipe: true })),
  ]);
  if (make) setGraph(story.build, make, graph);
  story.end(root, { exit: round });
  // The recorder writes a tool's name and folder as they are, too.
  const events = story.events.map((event): BuildEvent =>
    event.e === 'tool' && event.i === 1 ? { ...event, tool: `Qtool${EVIL}`, cwd: `Qfolder${EVIL}` } : event,
  );
  storeBuild(
    store,
    { build: story.build, logs: story.logs, events },
    {
      id,
      first: {
        id: `Qid${EVIL}`,
        argv: ['sh', '-c', `Qroot${EVIL}`],
        revision: `Qrev${EVIL}`,
        cwd: `Qfolder${EVIL}`,
      },
      close: { status: { exit: 2 }, failed: 1 },
    },
  );
}

const CONFIG = { problems: [{ name: `Qpattern${EVIL}`, pattern: '^own: (?<message>.*)$' }] };
const WRONG = { ...CONFIG, [`Qkey${EVIL}`]: 1, keep: { builds: `Qvalue${EVIL}` } };

/** Makes a project in a folder with a hostile name. @returns the folder. */
function project(name: string, logs: Logs, config: object): string {
  const folder = box.path(name, FOLDER);
  const store = path.join(folder, '.loglin');
  fs.mkdirSync(path.join(store, 'builds', `Qbuild${FOLDER}`), { recursive: true });
  record(store, '20260101-000000000-aaaa', 1, logs);
  record(store, '20260102-000000000-bbbb', 2, logs);
  fs.writeFileSync(path.join(store, 'config.json'), JSON.stringify(config));
  return folder;
}

const trees = {
  tame: project('tame', 'tame', CONFIG),
  controls: project('controls', 'controls', CONFIG),
  everything: project('everything', 'everything', CONFIG),
  misconfigured: project('misconfigured', 'everything', WRONG),
  empty: box.path('empty', FOLDER),
};
fs.mkdirSync(path.join(trees.empty, '.loglin'), { recursive: true });

async function archive(): Promise<Buffer> {
  const { readable, controller } = createTarPacker();
  await controller
    .add({ name: `Qarchive${EVIL.slice(0, 60).replaceAll('\0', '')}`, size: 0 })
    .getWriter()
    .close();
  controller.finalize();
  return buffer(readable as unknown as AsyncIterable<Uint8Array> as NodeJS.ReadableStream);
}
const packed = await archive();
for (const folder of Object.values(trees)) fs.writeFileSync(path.join(folder, 'evil.tar'), packed);

const ENV = { PAGER: 'cat', LESS: undefined, TERM: 'xterm', HOME: box.path('home') };

/** Asserts that there is nothing that a terminal or a reader of lines obeys. */
function assertPrintable(output: Buffer, what: string): void {
  const text = output.toString('utf8');
  assert.ok(Buffer.from(text).equals(output), `${what}: not UTF-8`);
  const bad = /[^\n\t\P{Cc}]|[\p{Zl}\p{Zp}\p{Bidi_C}\u200b\u2060\ufeff]/u.exec(text);
  if (bad) assert.fail(`${what}: ${JSON.stringify(text.slice(Math.max(0, bad.index - 60), bad.index + 20))}`);
}

/** The bytes that may reach a terminal: colours, and the terminal's newlines. */
function withoutColours(output: Buffer): Buffer {
  return Buffer.from(
    output
      .toString('latin1')
      .replaceAll('\r\n', '\n')
      .replaceAll(/\x1b\[[\d;:]*m/g, ''),
    'latin1',
  );
}

function placesIn(text: string): Place[] {
  const found = new Set([...text.matchAll(/Q[a-z]+/g)].flatMap(([tag]) => TAGS[tag] ?? []));
  return Object.values(TAGS).filter((place, i, all) => found.has(place) && all.indexOf(place) === i);
}

const sorted = (places: readonly Place[]): Place[] => [...new Set(places)].sort();

/** All strings in a value. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null
    ? [...Object.keys(value), ...Object.values(value).flatMap(strings)]
    : [];
}

function argsOf({ args }: Cell): string[] {
  return args.map((arg) => arg.replaceAll('WORD', WORD));
}

for (const cell of MATRIX) {
  const { command, prints, json, file } = cell;
  // In a pipe, job output is as it was written; on a terminal, characters that reverse text are a part of it.
  const ofText = prints.includes('text');
  test(`hostile: ${command}: the output in a pipe is safe`, () => {
    const folder = trees[cell.tree ?? (ofText ? 'tame' : 'everything')];
    const { stdout, stderr, bytes } = box.loglin(argsOf(cell), ENV, folder);
    const document = file === undefined ? stdout : fs.readFileSync(path.join(folder, file), 'utf8');
    assert.doesNotMatch(stderr, /internal error/);
    assertPrintable(Buffer.from(stderr), 'stderr');
    // For other tools, the path is as it is.
    if (command === 'path')
      assert.equal(
        stdout,
        `${fs.realpathSync(folder)}/.loglin/builds/20260102-000000000-bbbb/logs/${TARGETS.length + 3}.log\n`,
      );
    else assertPrintable(bytes, 'stdout');
    assert.deepEqual(sorted(placesIn(document + stderr)), sorted(prints));
    assert.ok(!fs.existsSync(path.join(folder, 'pwned')));
    if (json) exact(cell, document);
  });
  test(`hostile: ${command}: the output on a terminal is safe`, () => {
    const folder = trees[cell.tree ?? (ofText ? 'controls' : 'everything')];
    const line = `stty cols 1000; ${[LOGLIN_BIN, ...argsOf(cell)].map(shellWord).join(' ')}`;
    const { bytes } = box.run(['script', '-qec', line, '/dev/null'], ENV, folder);
    const text = withoutColours(bytes);
    assertPrintable(text, 'terminal');
    const document = file === undefined ? '' : fs.readFileSync(path.join(folder, file), 'utf8');
    // On a terminal, show says first which build this is.
    const isNamed = (place: Place): boolean => place !== 'root' || !command.startsWith('show');
    const found = placesIn(document + text.toString());
    assert.deepEqual(
      sorted(found.filter((place) => prints.includes(place) || isNamed(place))),
      sorted(prints),
    );
  });
}

/** The exact names, which machines read. */
function exact({ prints, json, command }: Cell, text: string): void {
  const values =
    json === 'document'
      ? [JSON.parse(text) as unknown]
      : text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown);
  const all = values.flatMap(strings);
  const has = (wanted: string): boolean =>
    all.some((one) => one.includes(wanted) || one.includes(shellWord(wanted)));
  const expected: Partial<Record<Place, readonly string[]>> = {
    target: command.startsWith('why') ? [`Qnewer${NAME}`] : ['Qtarget/fails'],
    command: /^(why|diff)/.test(command) ? [] : [commandOf(2)],
    root: [`Qroot${EVIL}`],
    tool: [`Qtool${EVIL}`],
    why: [`Qwhy${EVIL}`],
    // A report for other tools has no halves of surrogate pairs.
    config: [`Qpattern${command.includes('sarif') ? EVIL.replaceAll(/\p{Cs}/gu, '\ufffd') : EVIL}`],
    revision: [`Qrev${EVIL}`],
    path: [FOLDER],
  };
  for (const place of prints)
    for (const wanted of expected[place] ?? []) assert.ok(has(wanted), `${place}: ${wanted}`);
  if (/^(show|jobs|grep|time)/.test(command)) {
    const names = new Set(all);
    for (const name of TARGETS) assert.ok(names.has(name), JSON.stringify(name));
  }
}

test('hostile: the table in docs/security-names.md is the table of this test', () => {
  const page = fs.readFileSync(path.join(import.meta.dirname, '../../docs/security-names.md'), 'utf8');
  assert.ok(page.includes(markdown()), `the table should be:\n${markdown()}`);
});
