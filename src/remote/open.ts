// From the URL of a remote to what reads and writes it.

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../model/failure.ts';
import { FolderRemote } from './folder.ts';
import { DEFAULTS, type HttpOptions } from './http.ts';
import type { Remote } from './remote.ts';
import { S3Remote, s3Settings } from './s3.ts';
import { WebsiteRemote } from './website.ts';

/**
 * Checks a URL and returns it as it is kept: a path becomes an absolute one.
 * @param folder from which a relative path starts.
 * @throws Failure if it is none of a remote, or if it holds credentials, which would then be in a file.
 */
export function remoteUrl(text: string, folder: string): string {
  if (text.startsWith('file://')) {
    try {
      return fileURLToPath(text);
    } catch {
      throw new Failure(`${text}: want file:///folder`);
    }
  }
  if (!/^[a-z][a-z0-9+.-]*:/i.test(text)) return path.resolve(folder, text.replace(/^file:/, ''));
  if (text.startsWith('file:')) return path.resolve(folder, text.slice('file:'.length));
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // Whatever is wrong with it, it may hold a password: it is not repeated.
  if (url === undefined || !/^(?:s3|https?):$/.test(url.protocol) || url.hostname === '')
    throw new Failure('the URL of a remote: want a folder, s3://bucket/prefix or https://host/path');
  if (url.username !== '' || url.password !== '' || hasSignature(url))
    throw new Failure(
      `${url.protocol}//${url.host}: no credentials in a URL; use AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
    );
  return text;
}

function hasSignature(url: URL): boolean {
  return [...url.searchParams.keys()].some((name) =>
    /signature|credential|token|secret|password|key/i.test(name),
  );
}

/**
 * Opens a remote. Nothing is asked of it yet.
 * @param url as remoteUrl returns it.
 * @throws Failure if the environment says something wrong about it.
 */
export function openRemote(
  url: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Remote {
  if (url.startsWith('/')) return new FolderRemote(url);
  const parsed = new URL(url);
  const options = httpOptions(env);
  return parsed.protocol === 's3:'
    ? new S3Remote(s3Settings(parsed, env), options)
    : new WebsiteRemote(parsed, options);
}

/** LOGLIN_REMOTE_TIMEOUT: after so many seconds of silence a server has stalled. */
export function httpOptions({
  LOGLIN_REMOTE_TIMEOUT: timeout,
  LOGLIN_REMOTE_TRIES: tries,
}: Readonly<Record<string, string | undefined>>): HttpOptions {
  return {
    ...DEFAULTS,
    ...(Number(timeout) > 0 ? { silence: Number(timeout) * 1000 } : {}),
    ...(Number(tries) > 0 ? { tries: Number(tries) } : {}),
  };
}
