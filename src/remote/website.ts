// Shared builds behind a web server, to be read: a folder that nginx or another server shows with its index
// of files, or a bucket that everybody may read.

import { Failure, isFailure } from '../model/failure.ts';
import { type HttpAnswer, HttpClient, type HttpOptions, networkReason } from './http.ts';
import type { Range, Remote } from './remote.ts';

export class WebsiteRemote implements Remote {
  readonly url: string;
  readonly #base: URL;
  readonly #client: HttpClient;
  readonly #folders = new Map<string, Promise<readonly string[]>>();

  constructor(url: URL, options: HttpOptions) {
    this.#base = new URL(url.href.endsWith('/') ? url.href : `${url.href}/`);
    this.#client = new HttpClient(options);
    this.url = url.href.replace(/\/$/, '');
  }

  get requests(): number {
    return this.#client.requests;
  }

  async list(prefix: string, after: string | undefined, most: number): Promise<readonly string[]> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    let names = this.#folders.get(folder);
    if (!names) this.#folders.set(folder, (names = this.#names(folder)));
    return (await names)
      .map((name) => `${folder}${name}`)
      .filter((key) => key.startsWith(prefix) && (after === undefined || key > after))
      .slice(0, most);
  }

  /** The names in a folder, out of whatever the server shows: JSON, or a page with links. */
  async #names(folder: string): Promise<readonly string[]> {
    const { status, headers, body } = await this.#ask(folder);
    if (status === 404) return [];
    if (status !== 200)
      throw new Failure(
        `${this.url}: cannot list: status ${status}; does the server show an index of files?`,
      );
    const text = body.toString();
    const names = headers['content-type']?.includes('json')
      ? (JSON.parse(text) as { name: string }[]).map(({ name }) => name)
      : [...text.matchAll(/href="([^"?#]+)"/g)].map(([, href = '']) => decodeURIComponent(href));
    return names
      .map((name) => name.replace(/^\.\//, ''))
      .filter((name) => !name.includes('/'))
      .sort();
  }

  async get(key: string, range?: Range): Promise<Buffer | undefined> {
    if (range && range.to <= range.from) return Buffer.alloc(0);
    const { status, body } = await this.#ask(
      key,
      range ? { range: `bytes=${range.from}-${range.to - 1}` } : {},
    );
    if (status === 404) return undefined;
    if (status === 416) return Buffer.alloc(0);
    if (range && status === 200) return body.subarray(range.from, range.to);
    if (status !== 200 && status !== 206) throw new Failure(`${this.url}: cannot read: status ${status}`);
    return body;
  }

  put(): Promise<void> {
    return Promise.reject(this.#readOnly());
  }

  remove(): Promise<void> {
    return Promise.reject(this.#readOnly());
  }

  age(): Promise<undefined> {
    return Promise.reject(this.#readOnly());
  }

  close(): void {
    this.#client.close();
  }

  async #ask(key: string, headers: Readonly<Record<string, string>> = {}): Promise<HttpAnswer> {
    const url = new URL(key.split('/').map(encodeURIComponent).join('/'), this.#base);
    try {
      return await this.#client.request(() => Promise.resolve({ method: 'GET', url, headers }));
    } catch (error) {
      if (isFailure(error)) throw error;
      throw new Failure(`${this.url}: ${networkReason(error)}`);
    }
  }

  #readOnly(): Failure {
    return new Failure(
      `${this.url}: a web server is for reading; push to the folder or the bucket behind it`,
    );
  }
}
