// Shared builds in an object store that speaks S3: list, ranged get, put, delete. Credentials, region and
// endpoint come from the variables and files that AWS's own tools read; they are in no message.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AwsV4Signer } from 'aws4fetch';
import { Failure, isFailure } from '../model/failure.ts';
import {
  type FilePiece,
  type HttpAnswer,
  HttpClient,
  type HttpOptions,
  type HttpRequest,
  networkReason,
} from './http.ts';
import { profileOf } from './ini.ts';
import type { FileBody, Range, Remote } from './remote.ts';

/** Larger objects are written in parts, in bytes; each try of a part sends no more again. */
const LARGE = 64 * 1024 * 1024;
const PART = 32 * 1024 * 1024;

export interface S3Settings {
  readonly bucket: string;
  /** '' or `builds/`. */
  readonly prefix: string;
  readonly endpoint: URL;
  /** The bucket is a part of the path, not of the host's name. */
  readonly pathStyle: boolean;
  readonly region: string;
  readonly credentials: Credentials | undefined;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What `s3://bucket/prefix` means in this environment.
 * @throws Failure if a variable is wrong.
 */
export function s3Settings(url: URL, env: Environment): S3Settings {
  const files = new AwsFiles(env);
  const region =
    url.searchParams.get('region') ??
    env.AWS_REGION ??
    env.AWS_DEFAULT_REGION ??
    files.get('region') ??
    'us-east-1';
  const given =
    url.searchParams.get('endpoint') ??
    env.AWS_ENDPOINT_URL_S3 ??
    env.AWS_ENDPOINT_URL ??
    files.get('endpoint_url');
  const bucket = url.hostname;
  const endpoint = parsedEndpoint(given ?? `https://s3.${region}.amazonaws.com`);
  const prefix = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '');
  return {
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
    endpoint,
    // A certificate for *.s3… does not cover a bucket with dots.
    pathStyle: given !== undefined || bucket.includes('.'),
    region,
    credentials: credentialsOf(env, files),
  };
}

function parsedEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new Failure('the endpoint of the object store: want a URL, as AWS_ENDPOINT_URL=https://host');
  if (url.username !== '' || url.password !== '')
    throw new Failure(
      `${url.host}: no credentials in an endpoint; use AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
    );
  return url;
}

/** ~/.aws/credentials and ~/.aws/config, read when somebody asks. */
class AwsFiles {
  readonly #env: Environment;
  #values: Record<string, string> | undefined;

  constructor(env: Environment) {
    this.#env = env;
  }

  get(key: string): string | undefined {
    this.#values ??= this.#read();
    return this.#values[key];
  }

  #read(): Record<string, string> {
    const { AWS_PROFILE: profile = 'default', HOME: home = os.homedir() } = this.#env;
    const { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials } = this.#env;
    const text = (file: string): string => {
      try {
        return fs.readFileSync(file, 'utf8');
      } catch {
        return '';
      }
    };
    return {
      ...profileOf(text(config ?? path.join(home, '.aws/config')), profile),
      ...profileOf(text(credentials ?? path.join(home, '.aws/credentials')), profile),
    };
  }
}

function credentialsOf(env: Environment, files: AwsFiles): Credentials | undefined {
  const { AWS_ACCESS_KEY_ID: id = '', AWS_SECRET_ACCESS_KEY: secret = '', AWS_SESSION_TOKEN: token } = env;
  if (id !== '' && secret !== '') return withToken(id, secret, token);
  const [storedId, storedSecret] = [files.get('aws_access_key_id'), files.get('aws_secret_access_key')];
  if (storedId === undefined || storedSecret === undefined) return undefined;
  return withToken(storedId, storedSecret, files.get('aws_session_token'));
}

function withToken(accessKeyId: string, secretAccessKey: string, token: string | undefined): Credentials {
  return { accessKeyId, secretAccessKey, ...(token ? { sessionToken: token } : {}) };
}

/** What is asked of the store: about the bucket itself if there is no key. */
interface Asked {
  readonly method: HttpRequest['method'];
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | FilePiece;
}

export class S3Remote implements Remote {
  readonly url: string;
  readonly #settings: S3Settings;
  readonly #client: HttpClient;
  /** Keys that were derived for signing. */
  readonly #signing = new Map<string, ArrayBuffer>();

  constructor(settings: S3Settings, options: HttpOptions) {
    this.#settings = settings;
    this.#client = new HttpClient(options);
    this.url = `s3://${settings.bucket}/${settings.prefix}`.replace(/\/$/, '');
  }

  get requests(): number {
    return this.#client.requests;
  }

  async list(prefix: string, after: string | undefined, most: number): Promise<readonly string[]> {
    const own = this.#settings.prefix;
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const { status, body } = await this.#ask({
        method: 'GET',
        query: {
          'list-type': '2',
          prefix: own + prefix,
          'max-keys': String(Math.min(1000, most - keys.length)),
          ...(after === undefined ? {} : { 'start-after': own + after }),
          ...(token === undefined ? {} : { 'continuation-token': token }),
        },
      });
      if (status !== 200) throw this.#failure('list', status, body);
      const text = body.toString();
      for (const [, key = ''] of text.matchAll(/<Key>([^<]*)<\/Key>/g)) {
        const name = unescaped(key);
        // Some servers do not know start-after.
        if (name.startsWith(own + prefix) && (after === undefined || name > own + after))
          keys.push(name.slice(own.length));
      }
      const next = /<NextContinuationToken>([^<]*)<\/NextContinuationToken>/.exec(text)?.[1];
      token = text.includes('<IsTruncated>true<') && next !== undefined ? unescaped(next) : undefined;
    } while (token !== undefined && keys.length < most);
    return keys;
  }

  async get(key: string, range?: Range): Promise<Buffer | undefined> {
    if (range && range.to <= range.from) return Buffer.alloc(0);
    const headers = range ? { range: `bytes=${range.from}-${range.to - 1}` } : {};
    const { status, body } = await this.#ask({ method: 'GET', key, headers });
    if (status === 404) {
      if (body.includes('NoSuchBucket')) throw this.#failure('read', status, body);
      return undefined;
    }
    // The range lies behind the end.
    if (status === 416) return Buffer.alloc(0);
    if (range && status === 200) return body.subarray(range.from, range.to);
    if (status !== 200 && status !== 206) throw this.#failure('read', status, body);
    return body;
  }

  async put(key: string, body: Buffer | FileBody, type?: string): Promise<void> {
    if (!Buffer.isBuffer(body) && body.size > LARGE) {
      await this.#putInParts(key, body);
      return;
    }
    const piece = Buffer.isBuffer(body) ? body : { file: body.file, from: 0, size: body.size };
    const headers = type === undefined ? {} : { 'content-type': type };
    const { status, body: text } = await this.#ask({ method: 'PUT', key, headers, body: piece });
    if (status !== 200) throw this.#failure('write', status, text);
    if (!Buffer.isBuffer(body)) body.sent?.(body.size);
  }

  async #putInParts(key: string, { file, size, sent }: FileBody): Promise<void> {
    const begun = await this.#ask({ method: 'POST', key, query: { uploads: '' } });
    const upload = /<UploadId>([^<]+)<\/UploadId>/.exec(begun.body.toString())?.[1];
    if (begun.status !== 200 || upload === undefined) throw this.#failure('write', begun.status, begun.body);
    const uploadId = unescaped(upload);
    try {
      const tags: string[] = [];
      for (let from = 0; from < size; from += PART) {
        const piece = { file, from, size: Math.min(PART, size - from) };
        const query = { partNumber: String(tags.length + 1), uploadId };
        const { status, headers, body } = await this.#ask({ method: 'PUT', key, query, body: piece });
        if (status !== 200) throw this.#failure('write', status, body);
        tags.push(headers.etag ?? '');
        sent?.(piece.size);
      }
      const parts = tags.map(
        (tag, i) =>
          `<Part><PartNumber>${i + 1}</PartNumber><ETag>${tag.replaceAll('"', '&quot;')}</ETag></Part>`,
      );
      const text = `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`;
      const { status, body } = await this.#ask({
        method: 'POST',
        key,
        query: { uploadId },
        body: Buffer.from(text),
      });
      // An error may come after the status, in the body.
      if (status !== 200 || body.includes('<Error>')) throw this.#failure('write', status, body);
    } catch (error) {
      // Parts of an upload that was given up cost money where a bucket has no rule that removes them.
      await this.#ask({ method: 'DELETE', key, query: { uploadId } }).catch(() => undefined);
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    const { status, body } = await this.#ask({ method: 'DELETE', key });
    if (status !== 204 && status !== 200 && status !== 404) throw this.#failure('remove', status, body);
  }

  async age(key: string): Promise<number | undefined> {
    // Swift's HEAD has no body to say why; a byte costs as much.
    const { status, headers, body } = await this.#ask({
      method: 'GET',
      key,
      headers: { range: 'bytes=0-0' },
    });
    if (status === 404) return undefined;
    if (status !== 200 && status !== 206 && status !== 416) throw this.#failure('read', status, body);
    const age = Date.parse(headers.date ?? '') - Date.parse(headers['last-modified'] ?? '');
    // Not said: as if it were new.
    return Number.isNaN(age) ? 0 : age;
  }

  close(): void {
    this.#client.close();
  }

  async #ask(asked: Asked): Promise<HttpAnswer> {
    try {
      return await this.#client.request(() => this.#signed(asked));
    } catch (error) {
      if (isFailure(error)) throw error;
      throw new Failure(`${this.url}: ${this.#settings.endpoint.host}: ${networkReason(error)}`);
    }
  }

  async #signed({ method, key, query = {}, headers = {}, body }: Asked): Promise<HttpRequest> {
    const { bucket, prefix, endpoint, pathStyle, region, credentials } = this.#settings;
    const url = new URL(endpoint);
    if (!pathStyle) url.hostname = `${bucket}.${url.hostname}`;
    const parts = [
      ...url.pathname.split('/').filter(Boolean),
      ...(pathStyle ? [bucket] : []),
      ...(key === undefined ? [] : (prefix + key).split('/')),
    ];
    url.pathname = `/${parts.map(percentEncoded).join('/')}`;
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    // URLSearchParams writes a blank as +, which is a plus when the signature is checked.
    url.search = url.search.replaceAll('+', '%20');
    const text: Record<string, string> = { ...headers };
    if (!credentials) return { method, url, headers: text, body };
    const signer = new AwsV4Signer({
      method,
      url: url.href,
      headers: text,
      ...credentials,
      service: 's3',
      region,
      cache: this.#signing,
    });
    const signed = await signer.sign();
    signed.headers.forEach((value, name) => (text[name] = value));
    return { method, url, headers: text, body };
  }

  #failure(what: string, status: number, body: Buffer): Failure {
    const code = /<Code>([\w.-]{1,60})<\/Code>/.exec(body.toString('utf8', 0, 4096))?.[1];
    const said = code === undefined ? `status ${status}` : `${status} ${code}`;
    return new Failure(`${this.url}: cannot ${what}: ${said}${this.#remedy(status, code)}`);
  }

  #remedy(status: number, code: string | undefined): string {
    if (code === 'NoSuchBucket') return '; there is no such bucket';
    if (code === 'RequestTimeTooSkewed') return "; this machine's clock is wrong";
    if (status !== 401 && status !== 403) return '';
    return this.#settings.credentials
      ? '; these credentials do not allow it'
      : '; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set';
  }
}

/** As S3 wants it: everything but letters, digits and `-._~`. */
function percentEncoded(part: string): string {
  return encodeURIComponent(part).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, digits?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
      if (digits !== undefined) return String.fromCodePoint(Number(digits));
      return ENTITIES[name ?? ''] ?? whole;
    },
  );
}
