// loglin jobs on stored builds.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Outcome, Sandbox } from '../rig/sandbox.ts';
import { storeBuild } from '../rig/stored.ts';
import { Story } from '../rig/story.ts';

const box = new Sandbox();
after(() => {
  box.remove();
});
{
  const story = new Story('make')
    .make('make', ['all'])
    .start('src/b.o', { make: 'make' })
    .start('src/a.o', { make: 'make' })
    .step('src/a.o', 'cc', true)
    .say('src/a.o', 'said a\n')
    .end('src/a.o')
    .end('src/b.o', { exit: 1 })
    .start('prog', { make: 'make' })
    .end('prog')
    .graph('make', { all: 'prog', prog: 'src/a.o src/b.o', 'src/a.o': '', 'src/b.o': '' })
    .makeEnds('make')
    .end('make', { exit: 2 });
  storeBuild(box.path('.loglin'), story);
  storeBuild(box.path('cut'), new Story('sh').start('a').say('a', 'x'), { close: false });
  storeBuild(box.path('alone'), new Story('sh').say('sh', 'all that there is\n').end('sh'));
}

const loglin = (...args: string[]): Outcome => box.loglin(['jobs', ...args]);

function names(...args: string[]): string[] {
  const { stdout, stderr } = loglin('--json', ...args);
  assert.equal(stderr, '');
  return stdout
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { name: string }).name]));
}

test('jobs are listed in the order of show, or only those below a target', () => {
  assert.deepEqual(names(), ['prog', 'src/a.o', 'src/b.o']);
  assert.deepEqual(names('b.o'), ['src/b.o']);
  assert.deepEqual(names('prog'), ['prog', 'src/a.o', 'src/b.o']);
  assert.match(loglin().stdout, /^ok +\d\.\d\ds +0 {2}prog\nok .*src\/a\.o {2}cc\nexit 1 .*src\/b\.o\n$/);
});

test('--sort orders the jobs and --failed selects them', () => {
  assert.deepEqual(names('--sort', 'launch'), ['src/b.o', 'src/a.o', 'prog']);
  assert.deepEqual(names('--sort=name'), ['prog', 'src/a.o', 'src/b.o']);
  assert.deepEqual(names('--sort=bytes'), ['src/a.o', 'prog', 'src/b.o']);
  assert.deepEqual(names('--sort=size'), names('--sort=bytes'));
  assert.deepEqual(names('--sort=time')[0], 'src/b.o');
  assert.deepEqual(names('--failed'), ['src/b.o']);
  assert.deepEqual(names('--running'), []);
  const { stderr, status } = loglin('--sort=weight');
  assert.deepEqual([stderr, status], ['loglin: --sort=weight: want time, launch, name or bytes\n', 125]);
});

test('--json has the documented fields', () => {
  const [line = ''] = loglin('--json', 'a.o').stdout.split('\n');
  assert.deepEqual(JSON.parse(line), {
    job: 2,
    name: 'src/a.o',
    parent: 0,
    tool: 'make',
    state: 'ended',
    status: { exit: 0 },
    failed: false,
    ignored: false,
    started: 4,
    ms: 4,
    bytes: 10,
    commands: ['cc'],
  });
});

test('the wrapped command is listed if there is no other job', () => {
  const { stdout } = loglin('--store', box.path('alone'));
  assert.match(stdout, /^ok +0\.00s +18 {2}sh {2}sh\n$/);
});

test('an interrupted build has jobs that did not end', () => {
  const { stdout, status } = loglin('--store', box.path('cut'));
  assert.match(stdout, /^interrupted +\? +1 {2}a\n$/);
  assert.equal(status, 0);
});

test('an unknown target is reported', () => {
  const { stderr, status } = loglin('nothing');
  assert.match(stderr, /^loglin: nothing: no such target in this build/);
  assert.equal(status, 1);
});
