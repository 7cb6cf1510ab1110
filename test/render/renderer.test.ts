// The renderers, byte by byte, as specified in 'The text' of the design.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Walk } from '../../src/linearize/walk.ts';
import type { Job } from '../../src/model/build.ts';
import { ROOT } from '../../src/model/ids.ts';
import { Player } from '../../src/play/player.ts';
import { lineEnds } from '../../src/record/logsource.ts';
import { HeadingsRenderer } from '../../src/render/headings.ts';
import { JsonRenderer } from '../../src/render/json.ts';
import { PlainRenderer } from '../../src/render/plain.ts';
import { PrefixRenderer } from '../../src/render/prefix.ts';
import { RawRenderer, SilentRenderer } from '../../src/render/raw.ts';
import type { RenderOptions, Renderer } from '../../src/render/renderer.ts';
import { Random, forSeeds } from '../rig/seeded.ts';
import { Story } from '../rig/story.ts';

const OPTIONS: RenderOptions = {
  nameOf: (job) => job.name,
  ascii: false,
  colour: false,
  escapes: 'all',
  collapse: true,
  times: false,
};

type Kind = new (options: RenderOptions) => Renderer;

/** Renders a complete story. */
function render(
  story: Story,
  kind: Kind,
  options: Partial<RenderOptions> = {},
  walk: { commands?: boolean; links?: boolean } = {},
): string {
  const { build, logs } = story;
  const parts: Buffer[] = [];
  const write = (bytes: Buffer): void => void parts.push(Buffer.from(bytes));
  const ends = lineEnds(logs, false);
  const player = new Player(
    new Walk(
      build,
      [{ job: build.jobs[ROOT]! }],
      { order: 'launch', rootHeader: build.started?.name !== undefined, ...walk },
      ends,
    ),
    () => logs,
    new kind({ ...OPTIONS, ...options }),
    { full: false, idle: true, write, flush: () => undefined },
    () => assert.fail('a log is short'),
  );
  assert.equal(player.play(), 'done');
  return Buffer.concat(parts).toString('latin1');
}

const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

/** A story in which A launches B in the middle. */
function nested(before: string, inner: string, after: string): Story {
  const story = new Story('./a', 'A').say('A', before).start('B', { parent: 'A' }).say('B', inner);
  return story.end('B').say('A', after).end('A');
}

// -- plain -----------------------------------------------------------------------------------------------

for (const [what, story, text] of [
  [
    'headers are indented, output is in column 0',
    nested('a1\n', 'b\n', 'a2\n'),
    '▸ A\na1\n  ▸ B\nb\n▸ A (resumed)\na2\n',
  ],
  ['resumed only if bytes follow', nested('a\n', 'b\n', ''), '▸ A\na\n  ▸ B\nb\n'],
  [
    'no newline at the end of the inner block',
    nested('a\n', 'b', 'c\n'),
    '▸ A\na\n  ▸ B\nb\n▸ A (resumed)\nc\n',
  ],
  ['no newline at the very end', nested('a\n', 'b\n', 'c'), '▸ A\na\n  ▸ B\nb\n▸ A (resumed)\nc\n'],
  ['a link inside a line', nested('a', 'b\n', 'c\nd\n'), '▸ A\nac\n  ▸ B\nb\n▸ A (resumed)\nd\n'],
  ['a silent job has its header', nested('', '', ''), '▸ A\n  ▸ B\n'],
  ['an empty line is a line', nested('\n', '\n', '\n'), '▸ A\n\n  ▸ B\n\n▸ A (resumed)\n\n'],
  [
    'progress: only the last state of the line',
    nested('1%\r2%\rdone\n', '3%\r4%', '5%\r'),
    '▸ A\ndone\n  ▸ B\n4%\n▸ A (resumed)\n5%\r\n',
  ],
  ['DOS lines', nested('a\r\n', 'b\r\n', 'c\r\n'), '▸ A\na\r\n  ▸ B\nb\r\n▸ A (resumed)\nc\r\n'],
  [
    'bytes that are not UTF-8 pass',
    nested('\xff\xfe\n', '\x00\n', ''),
    '▸ A\n\xc3\xbf\xc3\xbe\n  ▸ B\n\x00\n',
  ],
] as const)
  test(`plain: ${what}`, () => {
    const wanted = what.startsWith('bytes') ? text.replaceAll('▸', utf8('▸')) : utf8(text);
    assert.equal(render(story, PlainRenderer), wanted);
  });

function failing(): Story {
  const story = new Story('sh').start('a').say('a', 'no newline').end('a', { exit: 2 });
  story.start('b').end('b', { signal: 11 }).start('c').say('c', 'c\n').end('c', { exit: 1 }, true);
  return story
    .start('d')
    .start('e', { parent: 'd' })
    .end('e', { signal: 35 })
    .end('d')
    .end('sh', { exit: 1 });
}

test("plain: a failure is shown after the job's log; an ignored one is not a failure", () => {
  assert.equal(
    render(failing(), PlainRenderer),
    utf8('▸ a\nno newline\n✗ a (exit 2)\n▸ b\n✗ b (SIGSEGV)\n▸ c\nc\n▸ d\n  ▸ e\n  ✗ e (signal 35)\n'),
  );
});

test('plain, ASCII', () => {
  const text = render(failing(), PlainRenderer, { ascii: true });
  assert.ok(text.startsWith('> a\nno newline\nx a (exit 2)\n> b\nx b (SIGSEGV)\n> c\n'));
  assert.doesNotMatch(text, /[\x80-\xff]/);
});

test('plain, in colour: headers only', () => {
  assert.equal(
    render(nested('a1\n', 'b\n', 'a2\n'), PlainRenderer, { colour: true }),
    utf8('\x1b[1m▸ A\x1b[0m\na1\n\x1b[1m  ▸ B\x1b[0m\nb\n\x1b[1m▸ A\x1b[0m\x1b[2m (resumed)\x1b[0m\na2\n'),
  );
  assert.ok(
    render(failing(), PlainRenderer, { colour: true }).includes(utf8('\x1b[1;31m✗ a (exit 2)\x1b[0m\n')),
  );
});

test('plain: no times, dates or numbers by default; with --times, when a job started and how long it took', () => {
  assert.doesNotMatch(render(nested('', '', ''), PlainRenderer), /\d/);
  assert.match(
    Buffer.from(render(nested('', '', ''), PlainRenderer, { times: true }), 'latin1').toString(),
    /^▸ A \(at 0\.00s\)\n {2}▸ B \(at 0\.00s\)\n {2}✓ B 0\.00s\n✓ A 0\.\d\ds\n$/,
  );
});

test("plain: highlighting colours echoed commands and errors, but neither the end of a shown line nor a program's colours", () => {
  const story = new Story('sh')
    .start('q')
    .step('q', 'cd é\n\nmake')
    .say('q', "'cd é\n\nmake'\na.c:1:1: error: x\n\x1b[33mbox\nerror: y\n\x1b[0merror: z\n")
    .end('q')
    .end('sh');
  assert.equal(
    render(story, PlainRenderer, { highlight: true, escapes: 'colours' }),
    utf8(
      "▸ q\n\x1b[2m'cd é\x1b[0m\n\n\x1b[2mmake'\x1b[0m\n\x1b[1ma.c:1:1:\x1b[0m \x1b[1;31merror:\x1b[0m x\n\x1b[33mbox\nerror: y\n\x1b[0merror: z\n",
    ),
  );
  const renderer = new PlainRenderer({ ...OPTIONS, highlight: true, escapes: 'colours' });
  const root: Job = story.build.jobs[0]!;
  const text = (log: string): string => renderer.text(root, Buffer.from(log)).toString();
  let out = text('error: ') + renderer.partial().toString() + text('x\nerror: y\n\x1b[33mon\n');
  out += text('error: z\n') + text('\x1b[0moff\n') + text('error: last\n') + renderer.finish().toString();
  assert.equal(
    out,
    'error: x\n\x1b[1;31merror:\x1b[0m y\n\x1b[33mon\nerror: z\n\x1b[0moff\n\x1b[1;31merror:\x1b[0m last\n',
  );
});

test('plain: names cannot break the line or the terminal', () => {
  const story = new Story('sh').start('a\nb\x1b[31m\x07').end('a\nb\x1b[31m\x07', { exit: 1 }).end('sh');
  const text = render(story, PlainRenderer);
  assert.equal(text.split('\n').length, 3);
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\x00-\x1f]/);
});

test('plain: all escape sequences pass, or only colours, or none', () => {
  const story = (): Story =>
    new Story('sh').say('sh', '\x1b[31mred\x1b[0m \x1b[2J\x1b]0;title\x07text\n').end('sh');
  assert.equal(
    render(story(), PlainRenderer, { escapes: 'all' }),
    '\x1b[31mred\x1b[0m \x1b[2J\x1b]0;title\x07text\n',
  );
  assert.equal(render(story(), PlainRenderer, { escapes: 'colours' }), '\x1b[31mred\x1b[0m text\n');
  assert.equal(render(story(), PlainRenderer, { escapes: 'none' }), 'red text\n');
});

test('plain: --commands and --links', () => {
  const story = new Story('sh')
    .start('q')
    .step('q', 'true')
    .end('q')
    .start('a')
    .link('a', 'q')
    .say('a', 'A\n')
    .end('a');
  assert.equal(
    render(story.end('sh'), PlainRenderer, {}, { commands: true, links: true }),
    utf8('▸ q\n$ true\n▸ a\n  ▸ q (above)\nA\n'),
  );
});

test('--commands: unprintable characters are made visible; a multi-line command cannot imitate other lines', () => {
  const story = (): Story =>
    new Story('sh').start('q').step('q', 'printf \x1b[31m\n▸ fake\n').end('q').end('sh');
  assert.equal(
    render(story(), PlainRenderer, {}, { commands: true }),
    utf8("▸ q\n$ 'printf \\x1b[31m\n  ▸ fake\n  '\n"),
  );
  assert.equal(
    render(story(), PrefixRenderer, {}, { commands: true }),
    utf8("q: $ 'printf \\x1b[31m\nq:   ▸ fake\nq:   '\n"),
  );
});

test('on a terminal, a colour that a job leaves on ends with its text; in a pipe the text is unchanged', () => {
  const story = (): Story =>
    new Story('sh')
      .start('a')
      .say('a', '\x1b[8mhidden\nmore\n')
      .start('b', { parent: 'a' })
      .say('b', '\x1b[31mred\x1b[m\n\x1b[0;1mbold')
      .end('b')
      .say('a', 'plain\n')
      .end('a')
      .end('sh');
  const colours = { escapes: 'colours' } as const;
  assert.equal(
    render(story(), PlainRenderer, colours),
    utf8(
      '▸ a\n\x1b[8mhidden\nmore\n\x1b[0m  ▸ b\n\x1b[31mred\x1b[m\n\x1b[0;1mbold\x1b[0m\n▸ a (resumed)\nplain\n',
    ),
  );
  assert.equal(
    render(story(), PrefixRenderer, colours),
    'a: \x1b[8mhidden\x1b[0m\na: more\nb: \x1b[31mred\x1b[m\nb: \x1b[0;1mbold\x1b[0m\na: plain\n',
  );
  for (const kind of [PlainRenderer, PrefixRenderer]) assert.doesNotMatch(render(story(), kind), /\x1b\[0m/);
});

test('prefix: a carriage return cannot overwrite the name', () => {
  const story = new Story('sh').start('a').say('a', 'one\rb: two\n').end('a').end('sh');
  assert.equal(render(story, PrefixRenderer, { collapse: false, escapes: 'colours' }), 'a: b: two\n');
});

test('prefix: highlighting colours each line by itself, however the text arrives', () => {
  const log = 'build\n\x1b[31mred\nx.c:1:2: error: y\n\x1b[0mx.c:1:2: warning: z\nerror: w';
  const story = new Story('sh').start('q').step('q', 'build').say('q', log).end('q').end('sh');
  const options = { highlight: true, escapes: 'colours' } as const;
  const expected =
    'q: \x1b[2mbuild\x1b[0m\nq: \x1b[31mred\x1b[0m\n' +
    'q: \x1b[1mx.c:1:2:\x1b[0m \x1b[1;31merror:\x1b[0m y\n' +
    'q: \x1b[0mx.c:1:2: warning: z\nq: error: w\n';
  assert.equal(render(story, PrefixRenderer, options), expected);
  const job = story.build.jobs[1]!;
  for (let size = 1; size < log.length; size++) {
    const renderer = new PrefixRenderer({ ...OPTIONS, ...options });
    let out = '';
    for (let at = 0; at < log.length; at += size)
      out += renderer.text(job, Buffer.from(log.slice(at, at + size))).toString();
    assert.equal(out + renderer.finish().toString(), expected, `pieces of ${size}`);
  }
});

test('plain: in a live build, a prompt is shown before its newline, and once', () => {
  const story = new Story('sh');
  const renderer = new PlainRenderer(OPTIONS);
  const root: Job = story.build.jobs[0]!;
  const text = (log: string): string => renderer.text(root, Buffer.from(log)).toString();
  const partial = (): string => renderer.partial().toString();
  let out = text('line\nContinue? ');
  out += partial() + partial();
  assert.equal(out, 'line\nContinue? ');
  out += text('yes\nnext') + renderer.finish().toString();
  assert.equal(out, 'line\nContinue? yes\nnext\n');
});

test('the output does not depend on the chunks in which the bytes arrive', () => {
  forSeeds(300, (seed) => {
    const random = new Random(seed);
    const pieces = ['text', '\n', '\r', '\x1b[31m', '\x1b[K', 'ü', '\r\n', '100%', ' '];
    const logs = [0, 1].map(() =>
      Array.from({ length: random.below(30) }, () => random.pick(pieces)).join(''),
    );
    const story = new Story('sh').start('a').start('b');
    const print = (kind: Kind, cut: boolean, options: Partial<RenderOptions>): string => {
      const renderer = new kind({ ...OPTIONS, ...options });
      const parts: Buffer[] = [];
      logs.forEach((log, i) => {
        const job = story.build.jobs[i + 1]!;
        parts.push(Buffer.from(renderer.heading({ kind: 'enter', job, depth: 0 })));
        const bytes = Buffer.from(log);
        for (let at = 0; at < bytes.length;) {
          const size = cut ? 1 + random.below(5) : bytes.length;
          parts.push(Buffer.from(renderer.text(job, bytes.subarray(at, at + size))));
          at += size;
        }
        parts.push(Buffer.from(renderer.heading({ kind: 'leave', job, depth: 0 })));
      });
      parts.push(renderer.finish());
      return Buffer.concat(parts).toString();
    };
    for (const kind of [PlainRenderer, PrefixRenderer, RawRenderer])
      for (const escapes of ['all', 'colours', 'none'] as const)
        for (const collapse of [true, false])
          assert.equal(
            print(kind, true, { escapes, collapse }),
            print(kind, false, { escapes, collapse }),
            kind.name,
          );
    // JSON events may be split differently, but their text is the same.
    const texts = (json: string): string =>
      json
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { text?: string; base64?: string })
        .map(({ text = '', base64 = '' }) => text + Buffer.from(base64, 'base64').toString())
        .join('');
    assert.equal(texts(print(JsonRenderer, true, {})), logs.join(''));
  });
});

// -- the other views -------------------------------------------------------------------------------------

test('--no-details: headers and failures, but no output and no resumed headings', () => {
  assert.equal(render(nested('a\n', 'b\n', 'c\n'), HeadingsRenderer), utf8('▸ A\n  ▸ B\n'));
  assert.equal(
    render(failing(), HeadingsRenderer),
    utf8('▸ a\n✗ a (exit 2)\n▸ b\n✗ b (SIGSEGV)\n▸ c\n▸ d\n  ▸ e\n  ✗ e (signal 35)\n'),
  );
});

test('--quiet prints nothing', () => {
  assert.equal(render(failing(), SilentRenderer), '');
});

test('--raw prints the bytes and nothing else', () => {
  assert.equal(render(nested('a\r', 'b\x1b[31m', 'c'), RawRenderer), 'a\rcb\x1b[31m');
  assert.equal(render(nested('a\n', 'b', 'c'), RawRenderer), 'a\nbc');
});

test('--prefix puts the name before every line', () => {
  assert.equal(render(nested('a1\n\na2\n', 'b', 'c'), PrefixRenderer), 'A: a1\nA: \nA: a2\nB: b\nA: c\n');
  assert.equal(render(nested('1%\r2%\n', '', ''), PrefixRenderer), 'A: 2%\n');
  assert.equal(render(nested('x\n', '', ''), PrefixRenderer, { colour: true }), '\x1b[1mA\x1b[0m: x\n');
  assert.equal(
    render(failing(), PrefixRenderer),
    utf8('a: no newline\na: ✗ exit 2\nb: ✗ SIGSEGV\nc: c\ne: ✗ signal 35\n'),
  );
});

test('--prefix: a line too long to be held is printed in pieces, with one name', () => {
  const long = 'x'.repeat(3_000_000);
  const story = (): Story => nested(`${long}\nshort\n`, long, 'end\n');
  assert.equal(render(story(), PrefixRenderer), `A: ${long}\nA: short\nB: ${long}\nA: end\n`);
});

function events(json: string): Record<string, unknown>[] {
  assert.ok(json.endsWith('\n'));
  const text = Buffer.from(json, 'latin1').toString();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('--json prints a line for each event, with the fields of docs/json.md', () => {
  const story = new Story('./a', 'A')
    .say('A', 'größe\nno newline')
    .start('B', { parent: 'A' })
    .step('B', 'cmd');
  story.end('B', { exit: 2 }).say('A', '!\nend').end('A');
  const all = events(render(story, JsonRenderer, {}, { commands: true }));
  assert.deepEqual(all.slice(0, 4), [
    { type: 'enter', job: 0, name: 'A', depth: 0, started: 0 },
    { type: 'text', job: 0, name: 'A', text: 'größe\nno newline!\n' },
    { type: 'enter', job: 1, name: 'B', depth: 1, started: 2 },
    { type: 'command', job: 1, name: 'B', argv: ['cmd'] },
  ]);
  const { started, ended, steps, ...leave } = all[4]!;
  assert.deepEqual(leave, { type: 'leave', job: 1, name: 'B', depth: 1, exit: 2, failed: true });
  assert.deepEqual(steps, [{ argv: ['cmd'], at: 0, started: 3 }]);
  assert.equal(typeof started, 'number');
  assert.equal(typeof ended, 'number');
  assert.deepEqual(all.slice(5, 7), [
    { type: 'resume', job: 0, name: 'A', depth: 0 },
    { type: 'text', job: 0, name: 'A', text: 'end' },
  ]);
  assert.equal(all.length, 8);
});

test('--json encodes bytes that are not UTF-8 as base64; escapes and \\r stay as they were written', () => {
  const story = new Story('sh');
  const bytes = Buffer.from([0xff, 0x00, 0xc3, 0x0a]);
  story.say('sh', '1%\r\x1b[31m2%\n').start('a').end('a');
  const { logs } = story;
  const size = logs.append(ROOT, bytes);
  story.event({ e: 'out', t: 9, sizes: [[ROOT, size]] }).end('sh');
  const all = events(render(story, JsonRenderer));
  assert.equal(all[0]?.text, '1%\r\x1b[31m2%\n');
  assert.deepEqual(all.at(-1), { type: 'text', job: 0, name: 'sh', base64: bytes.toString('base64') });
});

test('--json: a line too long to be held is printed in pieces, each of them UTF-8', () => {
  const long = `${'ü€😀'.repeat(400_000)}\n`;
  const all = events(render(new Story('sh').say('sh', long).end('sh'), JsonRenderer));
  assert.ok(all.length > 1);
  assert.equal(all.map(({ text }) => text as string).join(''), long);
});
