// An OpenStack Swift that speaks S3, of five processes on loopback, for tests of shared builds.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsClient } from 'aws4fetch';
import { freePorts } from './ports.ts';

/** No other text has it. */
export const SWIFT_SECRET = 'geheim-7f3ac1';

/** A guard against waiting forever. */
const GUARD_MS = 60_000;

export interface Swift {
  readonly endpoint: string;
  /** For AWS's variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Makes a bucket. */
  readonly makeBucket: (name: string) => Promise<void>;
  /** Where buckets are in Swift's own protocol, and the header that lets one in. */
  readonly account: () => Promise<{ readonly address: string; readonly header: string }>;
  /** Lets everybody read a bucket. @returns the address that its objects are below. */
  readonly publish: (name: string) => Promise<string>;
}

function makeRing(folder: string, kind: string, port: number): void {
  const builder = path.join(folder, `${kind}.builder`);
  for (const args of [['create', '2', '1', '1'], ['add', `r1z1-127.0.0.1:${port}/d1`, '1'], ['rebalance']]) {
    const { status, stderr, stdout } = spawnSync('swift-ring-builder', [builder, ...args], {
      encoding: 'utf8',
    });
    // 1 is a warning.
    if (status !== 0 && status !== 1) throw new Error(`swift-ring-builder: ${stdout}${stderr}`);
  }
}

function serverConf(folder: string, kind: string, port: number): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = ${process.getuid?.() === 0 ? 'root' : (process.env.USER ?? 'root')}
swift_dir = ${folder}
devices = ${folder}/srv
mount_check = false
fallocate_reserve = 0
[pipeline:main]
pipeline = ${kind}-server
[app:${kind}-server]
use = egg:swift#${kind}
`;
}

function proxyConf(folder: string, port: number, memcached: number): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = ${process.getuid?.() === 0 ? 'root' : (process.env.USER ?? 'root')}
swift_dir = ${folder}
[pipeline:main]
pipeline = catch_errors healthcheck cache s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${memcached}
[filter:s3api]
use = egg:swift#s3api
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = ${SWIFT_SECRET} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
`;
}

/** Starts it in a folder; it ends with the test. */
export async function startSwift(t: Pick<TestContext, 'after'>, folder: string): Promise<Swift> {
  const [proxy = 0, object = 0, container = 0, accounts = 0, memcached = 0] = await freePorts(5);
  fs.mkdirSync(path.join(folder, 'srv/d1'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'swift.conf'), '[swift-hash]\nswift_hash_path_suffix = loglin\n');
  const children: ChildProcess[] = [];
  t.after(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  const log = fs.openSync(path.join(folder, 'log'), 'a');
  const start = (program: string, ...args: string[]): void => {
    children.push(spawn(program, args, { stdio: ['ignore', log, log] }));
  };
  start('memcached', '-l', '127.0.0.1', '-p', String(memcached), '-u', 'root');
  for (const [kind, port] of [
    ['account', accounts],
    ['container', container],
    ['object', object],
  ] as const) {
    makeRing(folder, kind, port);
    const conf = path.join(folder, `${kind}.conf`);
    fs.writeFileSync(conf, serverConf(folder, kind, port));
    start(`swift-${kind}-server`, conf);
  }
  const conf = path.join(folder, 'proxy.conf');
  fs.writeFileSync(conf, proxyConf(folder, proxy, memcached));
  start('swift-proxy-server', conf);
  const endpoint = `http://127.0.0.1:${proxy}`;
  const env = {
    AWS_ACCESS_KEY_ID: 'test:tester',
    AWS_SECRET_ACCESS_KEY: SWIFT_SECRET,
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: endpoint,
  };
  const client = new AwsClient({
    accessKeyId: 'test:tester',
    secretAccessKey: SWIFT_SECRET,
    service: 's3',
    region: 'us-east-1',
    retries: 0,
  });
  const makeBucket = async (name: string): Promise<void> => {
    const end = Date.now() + GUARD_MS;
    for (;;) {
      // Its parts come up one after the other.
      const status = await client.fetch(`${endpoint}/${name}`, { method: 'PUT' }).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 200 || status === 409) return;
      if (Date.now() > end)
        throw new Error(
          `swift: ${status}\n${fs.readFileSync(path.join(folder, 'log'), 'utf8').slice(-3000)}`,
        );
      await sleep(100);
    }
  };
  const account = async (): Promise<{ address: string; header: string }> => {
    const { headers } = await fetch(`${endpoint}/auth/v1.0`, {
      headers: { 'x-storage-user': 'test:tester', 'x-storage-pass': SWIFT_SECRET },
    });
    const token = headers.get('x-auth-token') ?? '';
    return { address: headers.get('x-storage-url') ?? '', header: `x-auth-token: ${token}` };
  };
  const publish = async (name: string): Promise<string> => {
    const { address, header } = await account();
    const [field = '', token = ''] = header.split(': ');
    const { status } = await fetch(`${address}/${name}`, {
      method: 'POST',
      headers: { [field]: token, 'x-container-read': '.r:*' },
    });
    if (status !== 204) throw new Error(`swift: ${status}`);
    return `${address}/${name}`;
  };
  return { endpoint, env, makeBucket, account, publish };
}
