// What a request asks for, by its path. Nothing is decoded: no id and no number has a character that a URL
// would have to escape, so that a path with `%`, `..`, a backslash or anything else odd is none of these.
// Pure.

import type { JobId } from '../model/ids.ts';

export type Route =
  | { readonly kind: 'page'; readonly name: string }
  | {
      readonly kind: 'builds';
      readonly before: string | undefined;
      readonly count: number;
      readonly bad: boolean;
    }
  | { readonly kind: 'buildsFeed' }
  | { readonly kind: 'meta' | 'journal' | 'graph' | 'sizes' | 'feed'; readonly id: string }
  | { readonly kind: 'log' | 'smallLogs'; readonly id: string; readonly job: JobId }
  | { readonly kind: 'websocket' };

/** An id of a build, as store/builds.ts has it; it cannot begin with a dot. */
const ID = /^\w[\w.-]{0,199}$/;
const LOG = /^(0|[1-9]\d{0,8})(\.log|\+)$/;
/** A file of the page: no folder, no hidden file. */
const PAGE = /^(?:[a-z][\w-]*\.)+[a-z0-9]+$/i;

/** What belongs to a build. */
const OF_BUILD: Readonly<Record<string, 'meta' | 'journal' | 'graph' | 'sizes' | 'feed'>> = {
  meta: 'meta',
  'journal.ndjson': 'journal',
  'graph.ndjson': 'graph',
  sizes: 'sizes',
  events: 'feed',
};

/** Rows in an answer: by default, and at most. */
const USUAL_COUNT = 200;
const MOST_COUNT = 1000;

/**
 * @param path of a request, without its query.
 * @returns undefined if there is nothing of that name.
 */
export function routeOf(path: string, query: URLSearchParams): Route | undefined {
  if (path === '/') return { kind: 'page', name: 'index.html' };
  if (path === '/api/builds') return buildsRoute(query);
  if (path === '/builds/events') return { kind: 'buildsFeed' };
  if (path === '/websocket') return { kind: 'websocket' };
  const [empty, first = '', id = '', what = '', name, ...more] = path.split('/');
  if (empty !== '' || more.length > 0) return undefined;
  if (first !== 'b')
    return id === '' && path === `/${first}` && PAGE.test(first) ? { kind: 'page', name: first } : undefined;
  if (!ID.test(id)) return undefined;
  if (name === undefined) return Object.hasOwn(OF_BUILD, what) ? { kind: OF_BUILD[what]!, id } : undefined;
  const [, job, end] = (what === 'logs' ? LOG.exec(name) : null) ?? [];
  if (job === undefined) return undefined;
  return { kind: end === '+' ? 'smallLogs' : 'log', id, job: Number(job) as JobId };
}

function buildsRoute(query: URLSearchParams): Route | undefined {
  const before = query.get('before') ?? undefined;
  const count = query.get('count') ?? String(USUAL_COUNT);
  if ((before !== undefined && !ID.test(before)) || !/^\d{1,6}$/.test(count)) return undefined;
  return {
    kind: 'builds',
    before,
    count: Math.min(Number(count), MOST_COUNT),
    bad: query.get('failed') === '1',
  };
}
