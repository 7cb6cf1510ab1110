// What it costs to share a large build and to look at it from elsewhere, beside gzip and curl that move the
// same bytes: into a folder, and into an object store that runs on this machine.

import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type Swift, startSwift } from '../rig/swift.ts';
import { type Pairs, type Sample, followPeak, inTurns, output, ratios, run, spread } from './measure.ts';
import { recordedBuild } from './projects.ts';
import type { Bench } from './rows.ts';
import { type Result, megabytes, seconds } from './table.ts';

/** The level that push compresses with. */
const GZIP = 'gzip -4';
const LOG_BYTES = 20_000;
/** A look at one log reads so much of the pack, in bytes. */
const RANGE = 64 * 1024;

interface Target {
  readonly name: string;
  /** Builds are below it, in a folder for each push. */
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  /** What moves the compressed logs there, of the file `logs.gz`. */
  readonly put?: string;
}

const wall = (samples: readonly Sample[]): string => seconds(spread(samples.map((sample) => sample.wall)));

function compared(what: string, peer: string, pairs: Pairs, most?: number): Result {
  const ratio = ratios(pairs);
  return {
    what,
    ours: wall(pairs.ours),
    peer: `${peer}: ${wall(pairs.peer)}`,
    ratio,
    runs: pairs.ours.length,
    ...(most === undefined ? {} : { goal: `≤ ${most} ×`, met: ratio.median <= most }),
  };
}

function setRemote(folder: string, url: string): void {
  fs.writeFileSync(path.join(folder, '.loglin.json'), JSON.stringify({ remotes: { ci: url }, project: 'p' }));
}

/** Pushes the build of a folder, each time to where nothing is. */
async function push({ folder, quick }: Bench, jobs: number, target: Target): Promise<Result[]> {
  const at = { cwd: folder, env: { ...target.env, XDG_CACHE_HOME: path.join(folder, 'cache') } };
  const pidFile = path.join(folder, 'pid');
  let pushes = 0;
  const peaks: number[] = [];
  const ours = async (): Promise<Sample> => {
    setRemote(folder, `${target.url}/${++pushes}`);
    fs.rmSync(pidFile, { force: true });
    const peak = followPeak(pidFile);
    const sample = await run("sh -c 'echo $$ >pid; exec loglin push' >/dev/null", at);
    peaks.push(peak());
    return sample;
  };
  const theirs = `cat .loglin/builds/*/logs/*.log | ${GZIP} >logs.gz${target.put ? `; ${target.put}` : ''}`;
  // The first one finds no compiled code, and reads logs from the disk.
  await ours();
  await run(theirs, at);
  peaks.length = 0;
  const pairs = await inTurns(quick ? 1 : 5, ours, () => run(theirs, at));
  const bytes = Number(output('cat .loglin/builds/*/logs/*.log | wc -c', at));
  const of = `push of ${jobs.toLocaleString('en')} jobs, ${megabytes(bytes)} of logs, into ${target.name}`;
  const peak = spread(peaks);
  return [
    compared(of, target.put ? `${GZIP} and a PUT by curl` : `${GZIP} into a file`, pairs, 1.5),
    { what: `${of}: peak memory`, ours: megabytes(peak.max), peer: '', runs: peaks.length },
  ];
}

/** Counts the requests to a server while an action runs. @param action gets the address of what counts. */
async function counted(server: string, action: (endpoint: string) => Promise<unknown>): Promise<number> {
  let requests = 0;
  const proxy = http.createServer((request, response) => {
    requests++;
    const { method, url, headers } = request;
    const there = http.request(new URL(url ?? '', server), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    there.on('error', () => response.destroy());
    request.pipe(there);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  try {
    await action(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    return requests;
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
}

/** Shows one log of a build in the object store, of which nothing is in the cache. */
async function show({ folder, quick }: Bench, jobs: number, swift: Swift, url: string): Promise<Result[]> {
  setRemote(folder, url);
  const cache = path.join(folder, 'cache');
  const at = { cwd: folder, env: { ...swift.env, XDG_CACHE_HOME: cache } };
  const id = /^ci:(\S+) {2}pushed/m.exec(output('loglin push', at))?.[1] ?? '';
  // It needs nothing, so that its log is all that is shown.
  const script = `loglin show out/8.o -b ci:${id}`;
  const printed = output(script, at).length;
  if (printed < LOG_BYTES || printed > 1.1 * LOG_BYTES)
    throw new Error(`${script}: printed ${printed} bytes`);
  const { address, header } = await swift.account();
  const object = `${address}/${url.replace('s3://', '')}/v1/p/b/${id}/logs.pack`;
  const get = `curl -sf -H '${header}' -r 0-${RANGE - 1} '${object}'`;
  if (Number(output(`${get} | wc -c`, at)) !== RANGE) throw new Error(`${object}: not ${RANGE} bytes`);
  const without = (part: string, command: string) => () => {
    fs.rmSync(path.join(cache, part), { recursive: true, force: true });
    return run(`${command} >/dev/null`, at);
  };
  const count = quick ? 3 : 21;
  const shared = without('loglin/shared', script);
  const beside = await inTurns(count, shared, () => run(`${get} >/dev/null`, at));
  const cold = await inTurns(count, without('', script), () => run(`${get} >/dev/null`, at));
  // The runs without compiled code have removed it.
  await shared();
  const node = await inTurns(count, shared, () => run('node -e 0', at));
  const requests = await counted(swift.endpoint, (endpoint) =>
    without('loglin/shared', `AWS_ENDPOINT_URL=${endpoint} ${script}`)(),
  );
  const what = `show of one of ${jobs.toLocaleString('en')} jobs in Swift`;
  const ranged = 'a GET of 64 KiB by curl';
  return [
    compared(`${what}, not cached`, ranged, beside, 3),
    compared(`${what}, not cached, nor is loglin's compiled code`, ranged, cold, 3),
    compared(`${what}, not cached`, 'node -e 0', node),
    {
      what: `${what}, not cached: requests`,
      ours: String(requests),
      peer: '',
      runs: 1,
      goal: '≤ 4',
      met: requests <= 4,
    },
  ];
}

/** A row of the bench. */
export async function share(bench: Bench): Promise<Result[]> {
  const { folder, quick } = bench;
  const ends: (() => unknown)[] = [];
  const end = (): void => {
    for (const one of ends.splice(0)) one();
  };
  // Whoever interrupts the bench ends the process.
  process.once('exit', end);
  const jobs = quick ? 500 : 5000;
  recordedBuild(path.join(folder, '.loglin'), jobs, { each: LOG_BYTES, last: LOG_BYTES });
  try {
    const results = await push(bench, jobs, { name: 'a folder', url: path.join(folder, 'builds'), env: {} });
    if (output('command -v swift-proxy-server || true', { cwd: folder }) === '') return results;
    const swift = await startSwift(
      { after: (one) => ends.push(one as () => unknown) },
      path.join(folder, 'swift'),
    );
    await swift.makeBucket('builds');
    const { address, header } = await swift.account();
    const put = `curl -sf -H '${header}' -H 'Expect:' -T logs.gz '${address}/builds/logs.gz' -o /dev/null`;
    const url = 's3://builds/share';
    results.push(...(await push(bench, jobs, { name: 'Swift', url, env: swift.env, put })));
    results.push(...(await show(bench, jobs, swift, `${url}/show`)));
    return results;
  } finally {
    end();
  }
}
