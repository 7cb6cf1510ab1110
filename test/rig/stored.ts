// Writes a story (story.ts) into a store, as the recorder would have left it.

import fs from 'node:fs';
import path from 'node:path';
import type { BuildEvent } from '../../src/model/events.ts';
import type { JobId } from '../../src/model/ids.ts';
import { appendGraph } from '../../src/store/graphs.ts';
import { buildFolder, journalFile, logFile, logsFolder } from '../../src/store/layout.ts';
import type { Story } from './story.ts';

export interface StoreOptions {
  readonly id?: string;
  /** Changes to the first record. */
  readonly first?: Readonly<Record<string, unknown>>;
  /** The last record; false if the recorder was killed. */
  readonly close?: Readonly<Record<string, unknown>> | false;
}

/** Writes a build. @returns its folder. */
export function storeBuild(
  store: string,
  story: Pick<Readonly<Story>, 'build' | 'logs'> & { readonly events: readonly BuildEvent[] },
  options: StoreOptions = {},
): string {
  const id = options.id ?? '20260102-030405006-abcd';
  const folder = buildFolder(store, id);
  fs.mkdirSync(logsFolder(folder), { recursive: true });
  const { build } = story;
  const [first, ...events] = story.events;
  // No process has this mark: the PID is this process', but the start time is another one.
  const started = {
    ...first,
    id,
    pid: process.pid,
    ticks: 1,
    at: Date.UTC(2026, 0, 2, 3, 4, 5),
    ...options.first,
  };
  const records: unknown[] = [started, ...events];
  if (options.close !== false)
    records.push({
      e: 'close',
      t: build.time,
      status: { exit: 0 },
      jobs: build.jobs.length - 1,
      failed: 0,
      ...options.close,
    });
  fs.writeFileSync(journalFile(folder), journalText(records as BuildEvent[]));
  for (const job of build.jobs) fs.writeFileSync(logFile(folder, job.id), story.logs.of(job.id));
  for (const { id: i, tool, cwd, argv, goals, graph } of build.instances)
    if (graph) appendGraph(folder, i, { tool, cwd, argv, goals, nodes: [...graph.values()] });
  return folder;
}

export function journalText(records: readonly BuildEvent[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

export function logOf(store: string, id: string, job: number): string {
  return path.join(buildFolder(store, id), 'logs', `${job as JobId}.log`);
}
