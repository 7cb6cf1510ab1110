// The page of a real `loglin serve` in a real browser: a build that is followed while the connection is cut,
// the server killed and the build removed; and what the page has in the end is what `loglin show` prints.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import { type TestContext, after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { LOGLIN, type Started, type Tree, tree, until } from '../../rig/tree.ts';
import { without } from '../../rig/twin.ts';
import { PATIENCE, launch, seen } from './chromium.ts';

interface Server extends Started {
  readonly url: string;
  readonly port: number;
}

async function serve(t: TestContext, it: Tree, port = 0): Promise<Server> {
  const out = it.path(`out${Math.random()}`);
  const stdout = fs.openSync(out, 'w');
  const env = { XDG_STATE_HOME: it.path('state') };
  const started = it.start([LOGLIN, 'serve', '--port', String(port)], { stdout, env });
  fs.closeSync(stdout);
  t.after(() => {
    started.child.kill('SIGKILL');
  });
  await until('the address is printed', () => fs.readFileSync(out, 'utf8').includes('\n'));
  const url = fs.readFileSync(out, 'utf8').trim();
  return { ...started, url, port: Number(new URL(url).port) };
}

async function opened(t: TestContext, browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  t.after(async () => {
    await page.close();
    assert.deepEqual(wrong, [], 'nothing goes wrong in the page');
  });
  await page.goto(url);
  return page;
}

/** A text as the page's worker has it; it reads the build through the server. */
async function textIn(page: Page, asked: object, build?: string): Promise<string> {
  const text = await page.evaluate(
    async (of: object, id: string | null) => {
      const worker = new Worker('worker.js');
      let last = 0;
      const ask = (question: string, what: object): Promise<Record<string, unknown>> =>
        new Promise((resolve, reject) => {
          const number = ++last;
          worker.addEventListener('message', ({ data }: MessageEvent<Record<string, unknown>>) => {
            if (data.id !== number) return;
            if ('error' in data) reject(new Error(String(data.error)));
            else resolve(data.answer as Record<string, unknown>);
          });
          worker.postMessage({ id: number, ask: question, of: what });
        });
      worker.postMessage({ start: { source: 'http', base: new URL('.', document.baseURI).href } });
      await ask('open', id === null ? {} : { build: id });
      const { document: number } = await ask('document', of);
      let all = '';
      for (let from: unknown = 0; from !== undefined;) {
        const { bytes, next } = await ask('text', { document: number, from });
        for (const byte of bytes as Uint8Array) all += String.fromCharCode(byte);
        from = next;
      }
      worker.terminate();
      return all;
    },
    asked,
    build ?? null,
  );
  return Buffer.from(text, 'latin1').toString();
}

const newestIn = (it: Tree): string =>
  fs
    .readdirSync(it.path('.loglin/builds'))
    .filter((name) => /^\d/.test(name))
    .sort()
    .at(-1)!;

/** Passes connections on to a server, and can cut them. */
class Wire {
  readonly #sockets = new Set<net.Socket>();
  readonly #server: net.Server;
  readonly #to: number;
  cut = false;

  constructor(to: number) {
    this.#to = to;
    this.#server = net.createServer((client) => {
      if (this.cut) client.destroy();
      else this.#join(client);
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as net.AddressInfo).port;
  }

  #join(client: net.Socket): void {
    const server = net.connect(this.#to, '127.0.0.1');
    const { port } = this.#server.address() as net.AddressInfo;
    // The server knows itself by its own address.
    client.on('data', (bytes) => {
      server.write(
        bytes.toString('latin1').replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${this.#to}`),
        'latin1',
      );
    });
    server.pipe(client);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }

  sever(): void {
    this.cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.sever();
    this.#server.close();
  }
}

/** Jobs that wait for a FIFO each, one after the other. A FIFO for all would let two through at once. */
const STEPS = {
  Makefile:
    'all: last\nfirst: ; @echo one; read x <go1; echo two\n' +
    'second: first; @echo three; read x <go2; echo four\nlast: second; @echo five; read x <go3; echo six\n',
};

interface SteppedBuild {
  /** Lets the step go on that waits. */
  readonly go: () => void;
  readonly ended: Started['ended'];
}

async function steppedBuild(it: Tree): Promise<SteppedBuild> {
  await it.run(['mkfifo', 'go1', 'go2', 'go3']);
  const { ended } = it.start([LOGLIN, '-q', 'make']);
  await until('the build is there', () => fs.existsSync(it.path('.loglin/builds')));
  let step = 0;
  return {
    go: () => {
      fs.writeFileSync(it.path(`go${++step}`), '\n');
    },
    ended,
  };
}

describe('the page of loglin serve', { skip: without('chromium') }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(async () => {
    await browser.close();
  });

  test('a page that is one file marks the problems that are new, as that of the server does', async (t) => {
    const it = tree(t, {});
    const warnings = ['a.c:1:2: warning: unused x [-Wunused]', 'b.c:3:4: warning: shadows y [-Wshadow]'];
    for (const count of [1, 2]) await it.run([LOGLIN, '-q', 'echo', warnings.slice(0, count).join('\n')]);
    await it.run([LOGLIN, 'export', '--html', 'build.html']);
    const server = await serve(t, it);
    const texts: string[] = [];
    for (const url of [pathToFileURL(it.path('build.html')).href, server.url]) {
      const page = await opened(t, browser, url);
      await seen(page, 'New since the build before', 'main');
      const kinds = await page.$$eval('main .kinds', (all) => all.map((one) => one.textContent));
      texts.push(JSON.stringify(kinds));
    }
    assert.equal(texts[0], texts[1]);
    assert.match(texts[0]!, /shadows y.*unused x/);
  });

  test('an empty store says so, and shows the first build; it is followed over cuts and restarts', async (t) => {
    const it = tree(t, STEPS);
    fs.mkdirSync(it.path('.loglin'));
    let server = await serve(t, it);
    const wire = new Wire(server.port);
    const port = await wire.listen();
    t.after(() => {
      wire.close();
    });
    const page = await opened(t, browser, server.url.replace(`:${server.port}/`, `:${port}/`));
    await seen(page, 'No builds yet', 'main');
    const { go, ended } = await steppedBuild(it);
    await seen(page, /Running for/, '.verdict');
    await page.evaluate(() => (location.hash = '#build'));
    await seen(page, 'one', '#log');

    // A laptop sleeps: its connections are gone, and there are none until it wakes.
    wire.sever();
    await seen(page, /connection .* is lost/, '.notices');
    go();
    wire.cut = false;
    await seen(page, 'three', '#log');
    await page.waitForFunction(() => !document.querySelector('.notices'));

    // The server is killed, and another one has its port.
    server.child.kill('SIGKILL');
    await server.ended;
    await seen(page, /connection .* is lost/, '.notices');
    go();
    server = await serve(t, it, server.port);
    await seen(page, 'five', '#log');
    go();
    await seen(page, 'six', '#log');
    assert.equal((await ended).end, 'exit 0');
    await page.waitForFunction(() => !document.querySelector('.notices'));
    await page.evaluate(() => (location.hash = '#'));
    await seen(page, /Ok after/, '.verdict');
    const { stdout } = await it.loglin('show');
    assert.equal(await textIn(page, { kind: 'build' }), stdout);
  });

  test('a build that is removed while it is shown: what was read stays, the list is right', async (t) => {
    const it = tree(t, { Makefile: 'all: a b; @echo all\na: ; @echo said a\nb: ; @echo said b\n' });
    await it.loglin('-q', 'make');
    await it.loglin('-q', 'make', 'a');
    const server = await serve(t, it);
    const page = await opened(t, browser, server.url);
    const [old = ''] = fs.readdirSync(it.path('.loglin/builds')).sort();
    await page.evaluate((to: string) => (location.hash = to), `#b/${old}/job/a`);
    await seen(page, 'said a', '#log');
    assert.equal((await it.loglin('rm', old)).end, 'exit 0');
    await seen(page, 'said a', '#log');
    await page.evaluate((to: string) => (location.hash = to), `#b/${old}/job/b`);
    await seen(page, 'said b', '#log');
    await page.evaluate((to: string) => (location.hash = to), `#builds`);
    await page.waitForFunction(() => document.querySelectorAll('.build[role=option]').length === 1);
    const { stdout } = await it.loglin('show');
    assert.equal(await textIn(page, { kind: 'build' }, newestIn(it)), stdout);
  });

  test('a build that runs stays when gc tidies up; where its folder is removed by hand, the page says so once', async (t) => {
    const it = tree(t, STEPS);
    fs.mkdirSync(it.path('.loglin'));
    const server = await serve(t, it);
    const page = await opened(t, browser, server.url);
    await seen(page, 'No builds yet', 'main');
    const { go, ended } = await steppedBuild(it);
    await seen(page, /Running for/, '.verdict');
    await page.evaluate(() => (location.hash = '#build'));
    await seen(page, 'one', '#log');
    const id = newestIn(it);
    const { end, stderr } = await it.loglin('gc', '--max', '1');
    assert.equal(end, 'exit 0', stderr);
    assert.equal(newestIn(it), id);
    go();
    await seen(page, 'three', '#log');

    let asked = 0;
    page.on('request', (request) => {
      if (request.url().includes(`/b/${id}/`)) asked++;
    });
    fs.rmSync(it.path(`.loglin/builds/${id}`), { recursive: true });
    // The recorder still writes to the files that it has open.
    go();
    await seen(page, /this build was removed; what was read of it is still shown/, '.notices');
    assert.equal((await page.$$('.notices > *')).length, 1);
    await seen(page, 'three', '#log');
    const before = asked;
    go();
    assert.equal((await ended).end, 'exit 0');
    await page.evaluate(() => (location.hash = '#'));
    await seen(page, /interrupted|Running/i, '.verdict');
    await page.evaluate(() => (location.hash = '#build'));
    await seen(page, 'three', '#log');
    // A log may be asked for again; there is no loop.
    assert.ok(asked - before < 20, `${asked - before} requests`);
  });

  test('a record that is damaged is shown as far as it goes, and says so', async (t) => {
    const it = tree(t, { Makefile: 'all: a b; @echo all\na: ; @echo said a\nb: ; @echo said b\n' });
    await it.loglin('-q', 'make');
    const id = newestIn(it);
    const journal = it.path(`.loglin/builds/${id}/journal.ndjson`);
    const records = fs.readFileSync(journal, 'utf8').split('\n');
    records[3] = '{"e":"nonsense';
    fs.writeFileSync(journal, [...records.slice(0, -2), ''].join('\n'));
    const server = await serve(t, it);
    const page = await opened(t, browser, server.url);
    await seen(page, /journal\.ndjson: /, '.notices [role=alert]');
    const { stdout } = await it.loglin('show');
    assert.match(stdout, /said b/);
    assert.equal(await textIn(page, { kind: 'build' }), stdout);
  });

  test('the logs of 600 jobs are read with few requests, and are what show prints', async (t) => {
    const it = tree(t, {
      Makefile: 'all: $(addprefix t,$(shell seq 600))\nt%:; @echo $@ warning: number $*\n',
    });
    await it.loglin('make', '-j4');
    const { url } = await serve(t, it);
    const page = await opened(t, browser, url);
    await seen(page, 'Ok', 'h1:not(.hidden-text)');
    await page.waitForFunction("!document.body.textContent.includes('the logs are being read')");
    const asked = (): Promise<number> =>
      page
        .workers()[0]!
        .evaluate(
          () => performance.getEntriesByType('resource').filter(({ name }) => name.includes('/logs/')).length,
        );
    assert.ok((await asked()) < 60, `${await asked()} requests`);
    assert.equal(await textIn(page, { kind: 'build' }), (await it.loglin('show')).stdout);
  });

  test('ten tabs behind others take no connection, and are up to date when they are seen', async (t) => {
    const it = tree(t, STEPS);
    const { go, ended } = await steppedBuild(it);
    const { url } = await serve(t, it);
    const tabs: Page[] = [];
    for (let i = 0; i < 10; i++) {
      const tab = await opened(t, browser, 'about:blank');
      await tab.evaluateOnNewDocument(() => {
        Object.defineProperty(document, 'hidden', { configurable: true, value: true });
      });
      await tab.goto(i % 2 === 0 ? url : `${url}#build`);
      await (i % 2 === 0 ? seen(tab, /Running for/, '.verdict') : seen(tab, 'one', '#log'));
      tabs.push(tab);
    }
    for (let i = 0; i < 3; i++) go();
    await ended;
    for (const tab of tabs.slice(4, 8)) {
      await tab.bringToFront();
      await tab.evaluate(() => {
        Object.defineProperty(document, 'hidden', { value: false });
        document.dispatchEvent(new Event('visibilitychange'));
      });
      await (tab.url().endsWith('#build') ? seen(tab, 'six', '#log') : seen(tab, /Ok/, '.verdict'));
    }
  });

  test('another build is chosen for a diff', async (t) => {
    const it = tree(t, { Makefile: 'all: a\na: ; @cat text\n', text: 'one\ntwo\n' });
    await it.loglin('-q', 'make');
    const first = newestIn(it);
    it.write({ text: 'one\nx.c:1:1: warning: three\n' });
    await it.loglin('-q', 'make');
    const server = await serve(t, it);
    const page = await opened(t, browser, server.url);
    await seen(page, 'New since the build before', '.summary');
    await seen(page, /^1/, '#jobs .count.amber');
    await page.evaluate(() => (location.hash = '#diff/a'));
    await seen(page, /^\+x\.c:1:1: warning: three/, '.line.added .text');
    await page.select('#against', first);
    await seen(page, /^-two/, '.line.gone .text');
    const { stdout } = await it.loglin('diff', '-b', `${first}..`, 'a');
    assert.equal(await textIn(page, { kind: 'diff', job: 1, with: first }), stdout);
  });
});
