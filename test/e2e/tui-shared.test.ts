// The browser on a build of a remote: whole screens, with their styles, are those of the same build after a
// pull.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { type TestContext, test } from 'node:test';
import { Browser, copySample } from '../rig/browser.ts';
import { screen } from '../rig/tmux.ts';
import { type Tree, needs, tree, until } from '../rig/tree.ts';

/** The keys, and what the screen that is compared says. */
const STEPS: readonly (readonly [name: string, keys: readonly string[], says: RegExp])[] = [
  ['jobs and a log', [], /^ ✗ loslib\.o .*1-7\/7 *$/m],
  ['problems', ['2', 'p'], /^ Problems /m],
  ['another log', ['escape', 'j', 'j'], /^ ✓ lstrlib\.o .*1-8\/8 *$/m],
  ['why', ['w'], /^ why lstrlib\.o /m],
  ['critical path', ['escape', 'c'], /critical path: /],
  ['all logs', ['c', 'g', 'b'], /^ ✗ make -k -j4 and below /m],
  ['builds', ['1'], /^ Builds +(?:1\/)?1 /m],
];

const drawn = (browser: Browser): string =>
  browser
    .rows()
    .map(({ spans }) => spans.map(({ text, style }) => `{${style}}${text}`).join(''))
    .join('\n');

/** Two screens that still change may be equal by chance: so many looks in a row must find them so. */
const LOOKS = 5;

async function same(shared: Browser, pulled: Browser, name: string): Promise<void> {
  let looks = 0;
  await until('', () => {
    looks = drawn(shared) === drawn(pulled) ? looks + 1 : 0;
    return looks >= LOOKS;
  }).catch(() => undefined);
  assert.equal(drawn(shared), drawn(pulled), name);
}

async function browser(t: TestContext, it: Tree, args: string): Promise<Browser> {
  const found = new Browser(await screen(t, it, 80, 24, { XDG_CACHE_HOME: it.path('cache') }));
  found.terminal.type(`clear; "$LOGLIN_BIN" tui ${args}`);
  return found;
}

test('tui -b shows a build of a remote as it shows it after pull', async (t) => {
  if (!needs(t, 'tmux')) return;
  const ci = tree(t, { '.loglin.json': '{ "project": "p", "remotes": { "ci": "builds" } }' });
  const config = JSON.stringify({ project: 'p', remotes: { ci: ci.path('builds') } });
  copySample(ci, 'lua', '.loglin');
  const pushed = await ci.loglin('push');
  const [, id = ''] = /^ci:(\S+) {2}pushed/m.exec(pushed.stdout) ?? [];
  assert.notEqual(id, '', pushed.stderr);
  const [desk, other] = [tree(t, { '.loglin.json': config }), tree(t, { '.loglin.json': config })];
  const { stderr, end } = await other.loglin('pull', `ci:${id}`);
  assert.equal(end, 'exit 0', stderr);
  const both = [await browser(t, desk, `-b ci:${id}`), await browser(t, other, '')] as const;
  for (const [name, keys, says] of STEPS) {
    for (const one of both) {
      one.press(...keys);
      await one.sees(says);
    }
    await same(...both, name);
  }
  for (const one of both) {
    one.press('q');
    assert.equal(await one.terminal.status(), '0');
  }
  assert.equal(fs.existsSync(desk.path('.loglin')), false, 'nothing comes into the store');
});
