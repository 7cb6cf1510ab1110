// The builds of a store as a source of what the page computes, in this process.

import { succeeded } from '../model/build.ts';
import type { ByteOffset, JobId } from '../model/ids.ts';
import { commandLine } from '../render/formats.ts';
import { listBuilds, summarise } from '../store/builds.ts';
import { buildFolder } from '../store/layout.ts';
import { LogReader } from '../store/logs.ts';
import { diskFiles, isThinned } from '../store/reader.ts';
import type { BuildRow, Builds, BuildsAsked } from '../web/protocol.ts';
import type { BuildSource, Source } from '../web/source.ts';

/** A build in the list of builds. */
export function rowOf(store: string, id: string): BuildRow {
  const { started, ended, state } = summarise(store, id);
  const well = ended && !ended.interrupted;
  const standing =
    state === 'running' ? state : !well ? 'interrupted' : succeeded(ended.status) ? 'ok' : 'failed';
  return {
    id,
    command: commandLine(started?.argv ?? []),
    standing,
    at: started?.at ?? 0,
    ms: ended?.t ?? 0,
    jobs: ended?.jobs ?? 0,
    failed: ended?.failed ?? 0,
    ...(started?.inside !== undefined && { inside: true }),
  };
}

export class DiskSource implements Source {
  readonly alone = false;
  readonly #store: string;

  constructor(store: string) {
    this.#store = store;
  }

  builds({ from, count, before }: BuildsAsked): Promise<Builds> {
    const ids = listBuilds(this.#store)
      .filter((id) => before === undefined || id < before)
      .reverse();
    const rows = ids.slice(from, from + count).map((id) => rowOf(this.#store, id));
    return Promise.resolve({ total: ids.length, rows });
  }

  open(id: string | undefined): Promise<BuildSource> {
    const chosen = id ?? listBuilds(this.#store).at(-1)!;
    const folder = buildFolder(this.#store, chosen);
    const thinned = isThinned(folder);
    // No file stays open: a command in this process closes what it finds open at its end.
    const read = (job: JobId, from: number, into: Uint8Array): number => {
      const logs = new LogReader(folder, thinned);
      try {
        return logs.read(job, from as ByteOffset, into);
      } finally {
        logs.close();
      }
    };
    return Promise.resolve({
      id: chosen,
      files: diskFiles(folder),
      logs: { read },
      trouble: () => undefined,
      close: () => undefined,
    });
  }
}
