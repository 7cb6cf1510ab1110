// rustc's messages for cargo: rendered, and found again in cargo's output. The names of units.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Expected, plain, renderLine } from '../../src/capture/hooks/cargo/messages.ts';
import { optionsOf } from '../../src/capture/hooks/cargo/processes.ts';
import { unitOf } from '../../src/capture/hooks/cargo/units.ts';

const rendered = (line: unknown): string | undefined =>
  renderLine(Buffer.from(typeof line === 'string' ? line : JSON.stringify(line)))?.toString();

test('cargo messages: rendered as cargo prints them', () => {
  const message = 'unused';
  assert.equal(rendered({ message, rendered: 'warning: unused\n\n' }), 'warning: unused\n\n');
  assert.equal(rendered({ $message_type: 'diagnostic', message, rendered: 'short' }), 'short\n');
  assert.equal(
    rendered({ message: '2 warnings emitted', rendered: 'warning: 2 warnings emitted\n\n' }),
    undefined,
  );
  assert.equal(rendered({ message: 'aborting due to 1 previous error', rendered: 'error: …' }), undefined);
  assert.equal(rendered({ artifact: '/x/libx.rmeta', emit: 'metadata' }), undefined);
  assert.equal(rendered({ $message_type: 'future_incompat', future_incompat_report: [] }), undefined);
  assert.equal(rendered('thread panicked'), 'thread panicked\n');
  assert.equal(rendered('{ not JSON'), '{ not JSON\n');
  assert.equal(rendered('{"other":1}'), '{"other":1}\n');
  assert.equal(rendered(''), '\n');
});

const cut = (expected: Expected, text: string): [string, number] => {
  const { rest, open } = expected.cut(Buffer.from(text));
  return [rest.toString(), open];
};

test("cargo messages: a copy is removed from cargo's text once, in either form; all else stays", () => {
  const coloured = '\x1b[1mwarning\x1b[0m: a\n --> x:1\n\n';
  const bare = plain(Buffer.from(coloured)).toString();
  for (const form of [coloured, bare]) {
    const expected = new Expected();
    expected.add(Buffer.from(coloured));
    assert.deepEqual(cut(expected, `   Compiling\n${form}${form}end\n`), [`   Compiling\n${form}end\n`, 0]);
    assert.deepEqual(cut(expected, form), [form, 0]);
  }
  const twice = new Expected();
  for (let i = 0; i < 2; i++) twice.add(Buffer.from(bare));
  assert.deepEqual(cut(twice, bare + bare + bare), [bare, 0]);
});

test('cargo messages: text that is not exactly a copy stays', () => {
  const expected = new Expected();
  expected.add(Buffer.from('warning: a\n --> x:1\n\n'));
  for (const text of ['warning: a\n --> x:2\n\n', ' warning: a\n --> x:1\n\n', 'warning: a\n\n --> x:1\n'])
    assert.deepEqual(cut(expected, text), [text, 0]);
});

test('cargo messages: the start of a copy is recognised, wherever the text ends', () => {
  const copy = 'warning: a\n --> x:1\n\n';
  for (let at = 1; at < copy.length; at++) {
    const expected = new Expected();
    expected.add(Buffer.from(copy));
    assert.deepEqual(cut(expected, `before\n${copy.slice(0, at)}`), [`before\n${copy.slice(0, at)}`, at]);
    assert.deepEqual(cut(expected, `${copy}after`), ['after', 0]);
  }
});

const unit = (
  words: string,
  packageName: string,
  more: { binName?: string; outDir?: string } = {},
): unknown => {
  const found = unitOf(['rustc', ...words.split(' ')], { packageName, binName: '', outDir: '', ...more });
  return [found?.name, found?.target, found?.needs.join(' '), found?.scriptFolder];
};

test('cargo units: names, and what they need', () => {
  assert.deepEqual(
    unit(
      '--crate-name my_net --crate-type lib -C metadata=1 -C extra-filename=-55 --extern base=/t/deps/libbase-1f.rmeta --extern proc_macro --extern priv:m=/t/libm-2.so',
      'my-net',
    ),
    ['my-net', 'my_net-55', 'base-1f m-2', undefined],
  );
  assert.deepEqual(unit('--crate-name build_script_build --crate-type bin -C extra-filename=-1', 'base'), [
    'base (build script)',
    'build_script_build-1',
    '',
    undefined,
  ]);
  assert.deepEqual(unit('--crate-name base --crate-type lib', 'base', { outDir: '/t/build/base-9/out' }), [
    'base',
    'base',
    '',
    '/t/build/base-9',
  ]);
  assert.equal(unitOf(['rustc', '-vV'], { packageName: '', binName: '', outDir: '' }), undefined);
});

test('cargo options: colours and verbosity, from the options of cargo alone', () => {
  const none = { termColour: '', never: false, force: '' };
  assert.deepEqual(optionsOf(['cargo', 'build'], none), { coloured: false, scriptsShown: false });
  assert.deepEqual(optionsOf(['cargo', 'run', '--', '--color=always', '-vv'], none), {
    coloured: false,
    scriptsShown: false,
  });
  assert.deepEqual(optionsOf(['cargo', '--color', 'always', '-vv'], none), {
    coloured: true,
    scriptsShown: true,
  });
  assert.equal(optionsOf(['cargo'], { ...none, force: '1' }).coloured, true);
  assert.equal(optionsOf(['cargo'], { ...none, force: '1', never: true }).coloured, false);
  assert.equal(optionsOf(['cargo', '--color=never'], { ...none, termColour: 'always' }).coloured, false);
});
