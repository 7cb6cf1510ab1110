// The builds of a store as a source of the page, in this process.

import type { ByteOffset, JobId } from '../../src/model/ids.ts';
import { commandLine } from '../../src/render/formats.ts';
import { listBuilds, summarise } from '../../src/store/builds.ts';
import { buildFolder } from '../../src/store/layout.ts';
import { LogReader } from '../../src/store/logs.ts';
import { diskFiles, isThinned } from '../../src/store/reader.ts';
import type { BuildRow, Builds, BuildsAsked } from '../../src/web/protocol.ts';
import type { BuildSource, Source } from '../../src/web/source.ts';

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
    const rows = ids.slice(from, from + count).map((id) => this.#row(id));
    return Promise.resolve({ total: ids.length, rows });
  }

  #row(id: string): BuildRow {
    const { started, ended } = summarise(this.#store, id);
    return {
      id,
      command: commandLine(started?.argv ?? []),
      standing: ended ? 'ok' : 'interrupted',
      at: started?.at ?? 0,
      ms: 0,
      jobs: ended?.jobs ?? 0,
      failed: 0,
      inside: started?.inside !== undefined,
    };
  }

  open(id: string | undefined): Promise<BuildSource> {
    const chosen = id ?? listBuilds(this.#store).at(-1)!;
    const folder = buildFolder(this.#store, chosen);
    // No file stays open: a command in this process closes what it finds open at its end.
    const read = (job: JobId, from: number, into: Uint8Array): number => {
      const logs = new LogReader(folder, isThinned(folder));
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
