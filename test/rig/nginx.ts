// An nginx that shows a folder over TLS, with an index of its files, for tests of what reads over HTTP. It
// notes each request and the bytes of its answer.

import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from './ports.ts';

/** A guard against waiting forever. */
const GUARD_MS = 60_000;

export interface Nginx {
  readonly url: string;
  /** The certificate of whom to trust, a file. */
  readonly certificate: string;
  /** The requests since the last call: what was asked, and how many bytes came. */
  readonly asked: () => { readonly path: string; readonly bytes: number }[];
}

/**
 * Starts it; it ends with the test.
 * @param folder for its own files. @param shown the folder that it shows.
 */
export async function startNginx(t: TestContext, folder: string, shown: string): Promise<Nginx> {
  fs.mkdirSync(folder, { recursive: true });
  const [port = 0] = await freePorts(1);
  const file = (name: string): string => path.join(folder, name);
  const made = spawnSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=loglin'].concat([
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      file('key.pem'),
      '-out',
      file('cert.pem'),
    ]),
    { encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  fs.writeFileSync(file('nginx.conf'), configuration(folder, port, shown));
  const child = spawn('nginx', ['-c', file('nginx.conf'), '-p', folder, '-e', file('errors')], {
    stdio: 'ignore',
  });
  t.after(() => {
    child.kill('SIGKILL');
  });
  for (const end = Date.now() + GUARD_MS; !fs.existsSync(file('pid'));) {
    if (Date.now() > end || child.exitCode !== null)
      throw new Error(
        `nginx: ${fs.existsSync(file('errors')) ? fs.readFileSync(file('errors'), 'utf8') : ''}`,
      );
    await sleep(20);
  }
  let seen = 0;
  const asked: Nginx['asked'] = () => {
    const text = fs.readFileSync(file('requests'), 'utf8');
    const lines = text.slice(seen).split('\n').filter(Boolean);
    seen = text.length;
    return lines.map((line) => {
      const [bytes = '', ...rest] = line.split(' ');
      return { bytes: Number(bytes), path: rest.join(' ') };
    });
  };
  return { url: `https://127.0.0.1:${port}`, certificate: file('cert.pem'), asked };
}

function configuration(folder: string, port: number, shown: string): string {
  return `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
master_process off;
pid "${folder}/pid";
events {}
http {
  log_format short '$body_bytes_sent $request_uri';
  access_log "${folder}/requests" short;
  client_body_temp_path "${folder}/t1";
  proxy_temp_path "${folder}/t2";
  fastcgi_temp_path "${folder}/t3";
  uwsgi_temp_path "${folder}/t4";
  scgi_temp_path "${folder}/t5";
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate "${folder}/cert.pem";
    ssl_certificate_key "${folder}/key.pem";
    root "${shown}";
    autoindex on;
  }
}
`;
}
