// What of a secret leaves the machine with a build, and what does not: docs/sharing.md, "Secrets", claim by
// claim.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { FRAME } from '../../src/record/logindex.ts';
import { RECORD_HEAD } from '../../src/record/recordhead.ts';
import { env, machines } from '../rig/machines.ts';

const SECRET = 'hunter2-hunter2+x';

/** All that is in a folder of shared builds, unpacked, and the names of the files. */
function unpacked(remote: string): string {
  return fs
    .readdirSync(remote, { recursive: true, encoding: 'utf8' })
    .map((name) => {
      const file = path.join(remote, name);
      if (!fs.statSync(file).isFile()) return name;
      const bytes = fs.readFileSync(file);
      if (name.endsWith('/record')) return zlib.gunzipSync(bytes.subarray(RECORD_HEAD)).toString();
      return name.endsWith('/logs.pack') ? zlib.gunzipSync(bytes).toString() : bytes.toString();
    })
    .join('\n');
}

test('secrets of a real build do not leave: cut by writes and frames, in commands, names and base64', (t) => {
  const { ci, desk, remote } = machines(t);
  // The token stands across the end of the log's first frame.
  const padding = FRAME - 5;
  ci.write(
    'Makefile',
    `all: writes frames command base64 pieces name-${SECRET}
writes:
\t@printf %s "$\${MY_TOKEN%-*}-"; sleep 0.05; echo "$\${MY_TOKEN#*-}"
frames:
\t@head -c ${padding} /dev/zero | tr '\\0' .; echo '${SECRET}'
command:
\t@true --token=${SECRET} 'https://u:${encodeURIComponent(SECRET)}@h'
base64:
\t@printf %s 'user:${SECRET}' | base64
pieces:
\t@echo 'before${SECRET}after'
name-${SECRET}:
\t@echo "$$MY_TOKEN"
`,
  );
  const changes = { ...env(ci), MY_TOKEN: SECRET };
  const built = ci.loglin(['make', `T=${SECRET}`], changes);
  assert.equal(built.status, 0, built.stderr);
  const here = ci.loglin(['show', '--commands'], changes).stdout;
  const encoded = Buffer.from(`user:${SECRET}`).toString('base64');
  for (const form of [SECRET, encoded]) assert.ok(here.includes(form), `${form} was not printed`);
  assert.equal(ci.loglin(['push'], changes).status, 0);
  const text = unpacked(remote);
  assert.ok(text.includes('[redacted'));
  for (const part of ['hunter2', encoded.slice(8, 24), encodeURIComponent(SECRET)])
    assert.ok(!text.includes(part), `${part}: ${text.slice(text.indexOf(part) - 200).slice(0, 400)}`);
  // Nothing has moved.
  const there = desk.loglin(['show', 'frames', '-b', 'ci:'], env(desk)).stdout;
  const want = `▸ frames\n${'.'.repeat(padding)}[redacted*******]\n`;
  assert.ok(there === want, there.slice(-100));
});

test('what push does not know leaves: said so in the docs', (t) => {
  const { ci, remote } = machines(t);
  ci.write('token', 'from-a-file-1234\n');
  const hex = Buffer.from(SECRET).toString('hex');
  const twice = Buffer.from(Buffer.from(SECRET).toString('base64')).toString('base64');
  const script = `cat token; echo ${hex}; echo ${twice}; echo five5; echo elsewhere-secret; echo "$NAME"`;
  const changes = { ...env(ci), MY_TOKEN: SECRET, A_TOKEN: 'five5', NAME: 'not-named-like-one' };
  assert.equal(ci.loglin(['sh', '-c', script], { ...changes, B_TOKEN: 'elsewhere-secret' }).status, 0);
  assert.equal(ci.loglin(['push'], changes).status, 0);
  const text = unpacked(remote);
  for (const part of ['from-a-file-1234', hex, twice, 'five5', 'elsewhere-secret', 'not-named-like-one'])
    assert.ok(text.includes(part), part);
});
