// Opens recorded builds: their index, where there is one, else their record.

import fs from 'node:fs';
import { setId } from '../model/reduce.ts';
import { type ReadRecord, type RecordFiles, RecordReader, growLate } from '../record/recordreader.ts';
import { type IndexedRecord, readIndex, stampsBefore } from './buildindex.ts';
import { isRecorded } from './builds.ts';
import { GrowingFile } from './growingfile.ts';
import { buildFolder, graphFile, journalFile, logsFolder, thinnedFile } from './layout.ts';
import { LogReader, countLogs, loggedJobs, logSize } from './logs.ts';
import type { StoredSegments } from './packedbuild.ts';
import type { UnpackedBuild } from './unpackedbuild.ts';

/** A build that was read, and the problems of its record. */
export interface RecordedBuild extends ReadRecord {
  readonly id: string;
  readonly folder: string;
  readonly logs: LogReader;
  /** gc has removed logs that newer builds superseded. Their absence is not damage. */
  readonly thinned: boolean;
  /** The walk of all of it in the order of needs, if an index knows it. */
  readonly segments?: StoredSegments | undefined;
  /** What an index can be made of, if it has none and can have one. */
  readonly unindexed?: IndexedRecord;
}

/**
 * Reads a build: its index, where there is one that fits, else its journal and graphs.
 * @throws Failure if its journal cannot be read at all, or has an unknown version.
 */
export function openBuild(store: string, id: string): RecordedBuild {
  const folder = buildFolder(store, id);
  const indexed = readIndex(folder);
  if (indexed) return openIndexed(folder, id, indexed);
  const stamps = stampsBefore(folder);
  const reader = new BuildReader(store, id);
  try {
    while (reader.step());
    const recorded = reader.finish();
    const { build, state, problems } = recorded;
    const graphs = reader.graphs;
    return stamps && graphs && state === 'finished' && problems.length === 0
      ? { ...recorded, unindexed: { folder, build, graphs, stamps, bytes: reader.progress.size } }
      : recorded;
  } finally {
    reader.close();
  }
}

function openIndexed(folder: string, id: string, { build, segments }: UnpackedBuild): RecordedBuild {
  setId(build, id);
  growLate(diskFiles(folder), build);
  const thinned = isThinned(folder);
  const logs = new LogReader(folder, thinned);
  return { id, folder, build, logs, problems: [], state: 'finished', thinned, segments };
}

/** The record of a build on the disk. */
export class BuildReader extends RecordReader {
  readonly folder: string;

  /**
   * @param step the size of each read in bytes.
   * @throws Failure if its journal cannot be read.
   */
  constructor(store: string, id: string, step?: number) {
    const folder = buildFolder(store, id);
    super(id, diskFiles(folder), step);
    this.folder = folder;
  }

  /**
   * Returns the build as it is now known, with the problems of its record. A running build can be read on and
   * requested again.
   * @throws Failure if there is nothing of it.
   */
  finish(): RecordedBuild {
    const { id, folder } = this;
    const record = this.read();
    const thinned = isThinned(folder);
    return { id, folder, ...record, logs: new LogReader(folder, thinned), thinned };
  }
}

export function diskFiles(folder: string): RecordFiles {
  return {
    journal: new GrowingFile(journalFile(folder)),
    graphs: new GrowingFile(graphFile(folder)),
    logs: logsFolder(folder),
    get thinned() {
      return isThinned(folder);
    },
    isRecorded: (started) => isRecorded(folder, started),
    countLogs: () => countLogs(folder),
    loggedJobs: () => loggedJobs(folder),
    logSize: (job) => logSize(folder, job),
  };
}

/** Were logs that newer builds superseded removed from this build's folder? */
export function isThinned(folder: string): boolean {
  return fs.existsSync(thinnedFile(folder));
}
