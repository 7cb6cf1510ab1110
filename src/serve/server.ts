// The server of the page: the builds of one store, over HTTP, for reading.
//
//   GET /                        the page; with ?token=…, the token is exchanged for a cookie
//   GET /api/builds              rows as of `ls --json`, as one array, the newest first. ?count=N (200, at
//                                most 1000), ?before=ID, ?failed=1
//   GET /websocket               WebSocket: which builds begin and end, and which changes those of
//                                `loglin watch` followed (changefeed.ts)
//   GET /builds/events           SSE: {changed: [row…], removed: [id…]}. A client asks for the rows whenever
//                                it has connected
//   GET /b/ID/meta               {id, state, journal, graph, thinned}: state, and sizes in bytes
//   GET /b/ID/journal.ndjson     the files of the store (docs/journal-format.md), with ranges
//   GET /b/ID/graph.ndjson
//   GET /b/ID/logs/N.log
//   GET /b/ID/logs/N+            the small logs of job N and those that follow, in one answer (smalllogs.ts)
//   GET /b/ID/sizes              [[job, size]…] of the logs that are not empty, as they are on disk: for a
//                                build that runs, or whose record is damaged
//   GET /b/ID/events             SSE: {journal, logs?, state, ended}, at most every 20 ms; `id` is `journal`.
//                                With `ended`, the client closes it. Of a build that has ended, with nothing
//                                after Last-Event-ID, it is 204: EventSource does not connect again
//
// So the files lie as in the store, and any static web server in front of a store serves the same, but for
// what is told or put together. Who may ask: access.ts. Nothing can be changed, and nothing of a request's
// path reaches the disk but an id and a number of the right form.

import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Failure, reason } from '../model/failure.ts';
import { hash } from '../model/hash.ts';
import { Access, type Verdict, reachedAs, urlHost } from './access.ts';
import { TEXT, type Request, type Response, answer, commonHeaders } from './answer.ts';
import { Builds } from './builds.ts';
import { LIMITS, LONGEST_HEAD, type Limits, limit } from './connections.ts';
import { Page } from './page.ts';
import { routeOf } from './route.ts';
import { answerUnchanged } from './unchanged.ts';
import { WebSockets } from './websocket.ts';

export interface ServerSetting {
  readonly store: string;
  /** The folder with the page's files. */
  readonly page: string;
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  readonly token: string;
  readonly limits?: Limits;
}

export interface RunningServer {
  readonly port: number;
  /** The address of the page, without the token. */
  readonly url: string;
  close(): Promise<void>;
}

/** @throws Failure if it cannot listen there. */
export async function startServer(setting: ServerSetting): Promise<RunningServer> {
  const { store, host, token } = setting;
  const builds = new Builds(store);
  const page = new Page(setting.page);
  const server = http.createServer({ maxHeaderSize: LONGEST_HEAD, connectionsCheckingInterval: 1000 });
  limit(server, setting.limits ?? LIMITS);
  const port = await listen(server, setting);
  const cookie = `loglin-${hash(store).toString(36)}`;
  const access = new Access({ token, host, port, cookie });
  server.on('request', (request: Request, response: Response) => {
    handle(request, response, access, builds, page);
  });
  const sockets = new WebSockets(builds.changes);
  const unchanged = new Set<Socket>();
  server.on('upgrade', (request: Request, socket: Socket, head: Buffer) => {
    if (opensWebSocket(request, access)) sockets.accept(request, socket, head);
    else answerUnchanged(server, request, socket, unchanged);
  });
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });
  return {
    port,
    url: `http://${urlHost(reachedAs(host))}:${port}/`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      sockets.close();
      for (const socket of unchanged) socket.destroy();
      await closed;
      builds.close();
    },
  };
}

function listen(server: http.Server, { host, port }: ServerSetting): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const known: Readonly<Record<string, string>> = {
        EADDRINUSE: 'another program listens there; --port 0 takes a free one',
        EADDRNOTAVAIL: 'not an address of this machine',
        ENOTFOUND: 'not an address of this machine',
        EACCES: 'permission denied',
      };
      reject(new Failure(`${urlHost(host)}:${port}: ${known[error.code ?? ''] ?? reason(error)}`));
    });
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Does a request ask for the WebSocket, and may it? */
function opensWebSocket({ method, headers, url = '' }: Request, access: Access): boolean {
  const [path = '', query = ''] = url.split('?', 2);
  const asked = { headers, query: new URLSearchParams(query) };
  if (method !== 'GET' || headers.upgrade?.toLowerCase() !== 'websocket') return false;
  return (
    routeOf(path, asked.query)?.kind === 'websocket' && ['cookie', 'token'].includes(access.check(asked))
  );
}

function handle(request: Request, response: Response, access: Access, builds: Builds, page: Page): void {
  commonHeaders(response);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    response.setHeader('Connection', 'close');
    answer(response, 405, 'only GET and HEAD\n');
    return;
  }
  const [path = '', ...rest] = (request.url ?? '').split('?');
  const query = new URLSearchParams(rest.join('?'));
  const verdict = access.check({ headers: request.headers, query });
  if (verdict === 'token' && path === '/') {
    exchange(request, response, access);
    return;
  }
  if (verdict !== 'cookie' && verdict !== 'token') {
    answer(response, REFUSALS[verdict].status, `${REFUSALS[verdict].text}\n`);
    return;
  }
  const route = routeOf(path, query);
  if (route?.kind === 'page') page.send(route.name, request, response);
  else if (!route) answer(response, 404, 'there is nothing of that name here\n');
  else if (route.kind === 'websocket') {
    response.setHeader('Upgrade', 'websocket');
    answer(response, 426, 'this is for WebSockets\n');
  } else builds.send(route, request, response);
}

const REFUSALS: Readonly<Record<Exclude<Verdict, 'cookie' | 'token'>, { status: number; text: string }>> = {
  'no token': { status: 403, text: 'open the address that loglin serve printed: it has the token' },
  'wrong token': {
    status: 403,
    text: 'the token is of another server; open the address that loglin serve printed last',
  },
  'wrong host': { status: 421, text: 'loglin serve does not listen at the address that Host names' },
  'other site': { status: 403, text: 'the request comes from a page of another site' },
};

/** Gives the browser the cookie, and leads it to the address without the token. */
function exchange(request: Request, response: Response, access: Access): void {
  response.setHeader('Set-Cookie', access.setCookie);
  const site = request.headers['sec-fetch-site'];
  if (site === undefined || site === 'none' || site === 'same-origin') {
    response.setHeader('Location', './');
    answer(response, 303, 'see /\n', TEXT);
    return;
  }
  // Where a link of another site was followed, a browser would not send the cookie along with what it is
  // redirected to, but it does from this page on.
  answer(
    response,
    200,
    '<!doctype html><meta http-equiv="refresh" content="0;url=./"><title>loglin</title>',
    'text/html; charset=utf-8',
  );
}
