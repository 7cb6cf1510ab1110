// A server of the page for tests, with two builds, and requests to it.

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { newToken } from '../../src/serve/access.ts';
import type { Limits } from '../../src/serve/connections.ts';
import { type RunningServer, startServer } from '../../src/serve/server.ts';
import { journalFile } from '../../src/store/layout.ts';
import { thisProcess } from '../../src/store/running.ts';
import { Sandbox } from './sandbox.ts';
import { storeBuild } from './stored.ts';
import { Story } from './story.ts';

export const ID = '20260102-000000000-bbbb';
export const OLDER = '20260101-000000000-aaaa';

export interface Served extends RunningServer {
  readonly store: string;
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Options {
  readonly limits?: Limits;
  readonly empty?: true;
}

export async function served(t: TestContext, { limits, empty }: Options = {}): Promise<Served> {
  const box = new Sandbox();
  t.after(() => {
    box.remove();
  });
  const store = box.path('.loglin');
  fs.mkdirSync(store, { recursive: true });
  if (!empty) for (const id of [OLDER, ID]) storeBuild(store, story(), { id });
  const page = box.path('page');
  fs.mkdirSync(page);
  fs.writeFileSync(path.join(page, 'index.html'), `<!doctype html><script>1</script>${' '.repeat(2000)}`);
  fs.writeFileSync(path.join(page, 'secret'), 'of no known type');
  const token = newToken();
  const server = await startServer({
    store,
    page,
    host: '127.0.0.1',
    port: 0,
    token,
    ...(limits && { limits }),
  });
  t.after(() => server.close());
  return { ...server, store, token, headers: { authorization: `Bearer ${token}` } };
}

export function story(): Story {
  return new Story('make')
    .make('make', ['all'])
    .start('a', { make: 'make' })
    .say('a', 'line 1\nline 2\n')
    .end('a')
    .graph('make', { all: 'a', a: '' })
    .makeEnds('make')
    .end('make');
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export function ask(
  { port, headers }: Served,
  target: string,
  more: Readonly<Record<string, string | undefined>> = {},
  method = 'GET',
): Promise<Answer> {
  const all = Object.fromEntries(
    Object.entries({ ...headers, ...more }).filter(([, value]) => value !== undefined),
  );
  return new Promise((resolve, reject) => {
    const request = http.request(
      { port, host: '127.0.0.1', path: target, method, headers: all, agent: false },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          resolve({ status: response.statusCode, headers: response.headers, text });
        });
      },
    );
    request.on('error', reject);
    request.end();
  });
}

/** A build of this process: it runs as long as the test. */
export function running(it: Served, id: string): { append: (text: string) => void; file: string } {
  const first = { ...thisProcess() };
  const folder = storeBuild(it.store, new Story('make').start('a').say('a', 'x\n'), {
    id,
    first,
    close: false,
  });
  const file = journalFile(folder);
  return {
    file,
    append: (text) => {
      fs.appendFileSync(file, text);
    },
  };
}
