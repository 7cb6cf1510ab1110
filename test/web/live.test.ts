// A build that grows while its server comes and goes, in this process: what was not read is read later.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { ByteOffset, JobId } from '../../src/model/ids.ts';
import type { GrowingBytes } from '../../src/record/tail.ts';
import type { Builds } from '../../src/web/protocol.ts';
import { type BuildSource, type Source, Unreachable } from '../../src/web/source.ts';
import { DiskSource } from '../../src/cli/disksource.ts';
import { run } from '../rig/inprocess.ts';
import { engineOver, savedText } from '../rig/pageengine.ts';
import { Random } from '../rig/seeded.ts';

const STORE = path.resolve(import.meta.dirname, '../../sample-logs/lua');

/** The file of a build, of which the first bytes are there. */
class Revealed implements GrowingBytes {
  readonly name: string;
  readonly bytes: Buffer;
  shown = 0;
  #at = 0;
  readonly #ask: () => void;

  constructor(file: string, ask: () => void) {
    this.name = path.basename(file);
    this.bytes = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0);
    this.#ask = ask;
  }

  get progress(): { readonly at: number; readonly size: number } {
    return { at: this.#at, size: this.shown };
  }

  open(): void {
    // It is there.
  }

  read(into: Uint8Array): number {
    this.#ask();
    const n = this.bytes.copy(into, 0, this.#at, Math.min(this.shown, this.#at + into.length));
    this.#at += n;
    return n;
  }

  close(): void {
    // There is nothing to close.
  }
}

/** A recorded build as if it ran. While it is down, every question fails. */
class Flaky implements Source, BuildSource {
  readonly alone = false;
  readonly id: string;
  readonly journal: Revealed;
  readonly graphs: Revealed;
  running = true;
  /** Asks: how many more fail. */
  down = 0;
  refused = 0;
  readonly #logs: string;

  constructor(id: string) {
    this.id = id;
    const folder = path.join(STORE, 'builds', id);
    this.#logs = path.join(folder, 'logs');
    this.journal = new Revealed(path.join(folder, 'journal.ndjson'), this.#ask);
    this.graphs = new Revealed(path.join(folder, 'graph.ndjson'), this.#ask);
    this.graphs.shown = this.graphs.bytes.length;
  }

  readonly #ask = (): void => {
    if (this.down <= 0) return;
    this.down--;
    this.refused++;
    throw new Unreachable();
  };

  get files(): BuildSource['files'] {
    const size = (job: JobId): ByteOffset | undefined => {
      this.#ask();
      const file = path.join(this.#logs, `${job}.log`);
      return fs.existsSync(file) ? (fs.statSync(file).size as ByteOffset) : undefined;
    };
    return {
      journal: this.journal,
      graphs: this.graphs,
      logs: 'logs',
      thinned: false,
      isRecorded: () => this.running,
      countLogs: () => fs.readdirSync(this.#logs).length,
      loggedJobs: () =>
        fs
          .readdirSync(this.#logs)
          .map((name) => parseInt(name, 10) as JobId)
          .sort((a, b) => a - b),
      logSize: size,
    };
  }

  get logs(): BuildSource['logs'] {
    return {
      read: (job, from, into) => {
        this.#ask();
        const file = path.join(this.#logs, `${job}.log`);
        return fs.existsSync(file) ? fs.readFileSync(file).copy(into, 0, from, from + into.length) : 0;
      },
    };
  }

  builds(): Promise<Builds> {
    return Promise.resolve({ total: 0, rows: [] });
  }

  open(): Promise<BuildSource> {
    return Promise.resolve(this);
  }

  trouble(): undefined {
    return undefined;
  }

  close(): void {
    // There is nothing to close.
  }
}

test('of two builds that are opened at once, the one that was asked for last is shown', async () => {
  const [first = '', last = ''] = fs.readdirSync(path.join(STORE, 'builds'));
  const source = new DiskSource(STORE);
  const waiting: (() => void)[] = [];
  const slow: Source = {
    alone: false,
    builds: (of) => source.builds(of),
    open: async (id) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return source.open(id);
    },
  };
  const { engine } = engineOver(slow, { source: 'http', base: '' });
  const stale = engine.ask('open', { build: first });
  const wanted = engine.ask('open', { build: last });
  while (waiting.length < 2) await new Promise((resolve) => setImmediate(resolve));
  waiting[1]!();
  waiting[0]!();
  await assert.rejects(stale, /another build is being opened/);
  assert.equal((await wanted).build.id, last);
});

test('a server that dies while a build is read: what is read in the end is the whole of it', async () => {
  const [id = ''] = fs.readdirSync(path.join(STORE, 'builds')).slice(-1);
  const random = new Random(181);
  for (let i = 0; i < 10; i++) {
    const source = new Flaky(id);
    const { journal } = source;
    journal.shown = journal.bytes.indexOf('\n') + 1;
    const { engine, events } = engineOver(source, { source: 'http', base: '' });
    const told: boolean[] = [];
    engine.on('connection', ({ online }) => told.push(online));
    await engine.ask('open', {});
    const over = new Promise<void>((resolve) => {
      engine.on('grown', ({ state }) => {
        if (state !== 'running') resolve();
      });
    });
    while (source.running) {
      journal.shown = Math.min(journal.bytes.length, journal.shown + random.below(2000));
      source.running = journal.shown < journal.bytes.length;
      source.down = random.below(4);
      events.grown();
      for (let n = random.below(6); n > 0; n--) await new Promise((resolve) => setImmediate(resolve));
    }
    source.down = 2;
    await over;
    source.down = 0;
    const shown = await run(['show', '--store', STORE, '-b', id], [STORE]);
    assert.equal(await savedText(engine, { kind: 'build' }), shown.bytes.toString('latin1'));
    const { problems } = await engine.ask('summary', {});
    assert.ok(source.refused > 0 && told.includes(false) && told.at(-1) === true, JSON.stringify(told));
    assert.ok(problems === undefined || problems.warnings > 0);
  }
});
