// A remote in memory that counts what is asked of it, and breaks when it is told to.

import fs from 'node:fs';
import type { FileBody, Range, Remote } from '../../src/remote/remote.ts';

export class FakeRemote implements Remote {
  readonly url = 'memory';
  readonly objects = new Map<string, Buffer>();
  requests = 0;
  /** What was asked, one line each. */
  readonly asked: string[] = [];
  /** How old objects are, in milliseconds, where they are not new. */
  readonly ages = new Map<string, number>();
  /** After so many more writes, each fails. */
  writesLeft = Infinity;

  list(prefix: string, after: string | undefined, most: number): Promise<readonly string[]> {
    this.#ask(`list ${prefix}`);
    const keys = [...this.objects.keys()].filter(
      (key) => key.startsWith(prefix) && (after === undefined || key > after),
    );
    return Promise.resolve(keys.sort().slice(0, most));
  }

  get(key: string, range?: Range): Promise<Buffer | undefined> {
    return Promise.resolve(this.getSync(key, range));
  }

  getSync(key: string, range?: Range): Buffer | undefined {
    this.#ask(`get ${key}${range ? ` ${range.from}-${range.to}` : ''}`);
    const bytes = this.objects.get(key);
    return range ? bytes?.subarray(range.from, range.to) : bytes;
  }

  put(key: string, body: Buffer | FileBody): Promise<void> {
    this.#ask(`put ${key}`);
    if (--this.writesLeft < 0) return Promise.reject(new Error('broken'));
    this.objects.set(key, Buffer.isBuffer(body) ? body : fs.readFileSync(body.file));
    return Promise.resolve();
  }

  remove(key: string): Promise<void> {
    this.#ask(`remove ${key}`);
    this.objects.delete(key);
    return Promise.resolve();
  }

  age(key: string): Promise<number | undefined> {
    this.#ask(`age ${key}`);
    return Promise.resolve(this.objects.has(key) ? (this.ages.get(key) ?? 0) : undefined);
  }

  close(): void {
    this.asked.push('close');
  }

  #ask(what: string): void {
    this.requests++;
    this.asked.push(what);
  }
}
