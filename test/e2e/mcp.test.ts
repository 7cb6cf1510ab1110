// The MCP server, as the SDK's own client sees it.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { LOGLIN, type Tree, tree } from '../rig/tree.ts';

const MAKEFILE = `all: a.o big odd
a.o: a.c
\t@echo "a.c:3:7: warning: unused variable 'x'"; test ! -e wrong || { echo "a.c:1:1: error: wrong"; exit 1; }
\t@touch a.o
big:
\t@seq -f 'line %g' 20000
odd: ; @echo odd
`;

async function connected(
  t: TestContext,
  it: Tree,
  options: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StdioClientTransport({
    // The project's end kills the session of whoever is left in it.
    command: 'setsid',
    args: [LOGLIN, 'mcp', ...options],
    cwd: it.path('.'),
    env: { ...it.environment(), ...environment },
    stderr: 'pipe',
  });
  await client.connect(transport);
  t.after(() => client.close());
  return client;
}

type Input = Readonly<Record<string, unknown>>;

/** The text of an answer, which is not an error. */
async function answer(client: Client, name: string, input: Input = {}): Promise<string> {
  const [text, failed] = await ask(client, name, input);
  assert.equal(failed, false, text);
  return text;
}

async function ask(client: Client, name: string, input: Input): Promise<[string, boolean]> {
  const { content, isError } = await client.callTool({ name, arguments: { ...input } });
  const [part] = content as { readonly type: string; readonly text: string }[];
  assert.equal(part?.type, 'text');
  return [part.text, isError === true];
}

async function twoBuilds(t: TestContext): Promise<Tree> {
  const it = tree(t, { Makefile: MAKEFILE, 'a.c': '' });
  await it.run([LOGLIN, '-q', 'make']);
  it.write({ wrong: '', 'a.c': 'int x;' });
  await it.run([LOGLIN, '-q', 'make', '-k', '-W', 'a.c']);
  return it;
}

test('mcp: the tools only read, and say what they take', async (t) => {
  const client = await connected(t, tree(t, {}));
  const { tools } = await client.listTools();
  assert.deepEqual(
    tools.map(({ name }) => name),
    ['builds', 'problems', 'show', 'why', 'diff'],
  );
  for (const { annotations, description, inputSchema } of tools) {
    assert.equal(annotations?.readOnlyHint, true);
    assert.ok((description ?? '').length > 40);
    assert.equal(inputSchema.type, 'object');
  }
  const [text, failed] = await ask(client, 'show', {});
  assert.ok(failed && /^loglin: .*no builds? /m.test(text), text);
});

test('mcp: builds, problems, a target with a range of lines, why and diff', async (t) => {
  const it = await twoBuilds(t);
  const client = await connected(t, it);
  const builds = (await answer(client, 'builds')).trimEnd().split('\n');
  assert.equal(builds.length, 2);
  assert.match(builds[1]!, /make -k -W a\.c/);
  assert.equal((await answer(client, 'builds', { count: 1 })).trimEnd(), builds[1]);

  assert.equal(
    await answer(client, 'problems'),
    "a.c:1:1: error: wrong (a.o)\na.c:3:7: warning: unused variable 'x' (a.o)\nloglin: 1 error, 1 warning in 4 jobs\n",
  );
  assert.equal(
    await answer(client, 'problems', { only: 'warnings', new: true }),
    'loglin: no new errors, no new warnings in 4 jobs\n',
  );
  assert.match(
    await answer(client, 'problems', { build: '-1' }),
    /^a\.c:3:7: .*\nloglin: no errors, 1 warning /,
  );

  assert.equal(
    await answer(client, 'show', { target: 'big', from: 101, to: 103 }),
    'line 100\nline 101\nline 102\n',
  );
  assert.equal(await answer(client, 'show', { target: 'big', from: 20_000 }), 'line 19999\nline 20000\n');
  assert.equal(await answer(client, 'show', { target: 'odd' }), '▸ odd\nodd\n');
  const cut = await answer(client, 'show', { target: 'big' });
  assert.ok(Buffer.byteLength(cut) <= 8192);
  assert.match(
    cut,
    /^▸ big\nline 1\n[^]*\n\.\.\. \d+ lines \(\S+\) left out: loglin show .*\n[^]*line 20000\n$/,
  );

  assert.match(await answer(client, 'why', { target: 'a.o' }), /a\.o/);
  assert.match(await answer(client, 'diff', { target: 'a.o' }), /^\+a\.c:1:1: error: wrong$/m);
});

test('mcp: wrong input and hostile names are answered, and do no more than that', async (t) => {
  const it = await twoBuilds(t);
  const client = await connected(t, it, ['--budget=1000']);
  for (const target of [
    '--version',
    '-b',
    '$(touch pwned)',
    '`touch pwned`',
    '../../etc/passwd',
    '\n',
    'a\x1b[2J',
  ]) {
    const [text, failed] = await ask(client, 'show', { target });
    assert.ok(failed, text);
    assert.ok(Buffer.byteLength(text) <= 1000 && !text.includes('\x1b'), text);
  }
  assert.equal(it.has('pwned'), false);
  for (const input of [
    { build: '--store=/' },
    { from: 5, to: 2 },
    { from: 0 },
    { from: 1.5 },
    { target: 7 },
    { tarket: 'odd' },
  ]) {
    const [text, failed] = await ask(client, 'show', input);
    assert.ok(failed, text);
  }
  await assert.rejects(async () => {
    const [text, failed] = await ask(client, 'rm', {});
    if (failed) throw new Error(text);
  });
  assert.ok(Buffer.byteLength(await answer(client, 'show')) <= 1000);
  // It still answers.
  assert.equal(await answer(client, 'show', { target: 'odd' }), '▸ odd\nodd\n');
});

test('mcp: answers have no groups of a CI system', async (t) => {
  const it = await twoBuilds(t);
  const client = await connected(t, it, [], { GITHUB_ACTIONS: 'true' });
  assert.equal(await answer(client, 'show', { target: 'odd' }), '▸ odd\nodd\n');
});

test('mcp: who closes stdin after the questions still gets the answers', async (t) => {
  const it = await twoBuilds(t);
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } };
  const questions = [
    { id: 1, method: 'initialize', params },
    { method: 'notifications/initialized' },
    { id: 2, method: 'tools/call', params: { name: 'show', arguments: { target: 'odd' } } },
    { id: 3, method: 'tools/call', params: { name: 'builds', arguments: {} } },
  ];
  it.write({ questions: questions.map((one) => `${JSON.stringify({ jsonrpc: '2.0', ...one })}\n`).join('') });
  for (const input of ['<questions "$LOGLIN_BIN" mcp', 'cat questions | "$LOGLIN_BIN" mcp']) {
    const { end, stdout } = await it.sh(input);
    assert.equal(end, 'exit 0');
    const answered = stdout.trimEnd().split('\n');
    const ids = answered.map((line) => (JSON.parse(line) as { readonly id: number }).id);
    assert.deepEqual(ids.sort(), [1, 2, 3], stdout);
  }
});

test('mcp: the server ends when its client goes', async (t) => {
  const it = tree(t, {});
  const { end, stdout } = await it.sh('"$LOGLIN_BIN" mcp </dev/null');
  assert.deepEqual([end, stdout], ['exit 0', '']);
  // Its questions still come, and nobody reads the answers.
  const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
  const { stderr } = await it.sh(
    `while echo '${ping}'; do sleep 0.1; done | { "$LOGLIN_BIN" mcp; echo "exit $?" >&2; } | head -1 >/dev/null`,
  );
  assert.equal(stderr, 'exit 0\n');
});
