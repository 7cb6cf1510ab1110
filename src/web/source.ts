// Where builds come from: the page itself, or a server. Everything is read synchronously, as loglin does.

import type { RecordFiles } from '../record/recordreader.ts';
import type { LogSource } from '../record/logsource.ts';
import type { JobId } from '../model/ids.ts';
import { Failure } from '../model/failure.ts';
import type { Builds, BuildsAsked } from './protocol.ts';

/** The server does not answer now. What was asked for may be asked again: nothing was lost. */
export class Unreachable extends Failure {
  /** @param message for the user. */
  constructor(message = 'the server does not answer: does loglin serve still run?') {
    super(message);
  }
}

/** A problem, by the job whose log has it, and where it begins there, in bytes. */
export type ProblemPlace = readonly [job: number, at: number];

/** What has happened without being asked for. */
export interface SourceEvents {
  /** The build that is open has more bytes, or has ended. */
  grown(): void;
  /** It was removed. */
  gone(message: string): void;
  connection(online: boolean): void;
  /** The list has changed. */
  builds(): void;
}

/** A build's files. */
export interface BuildSource {
  readonly id: string;
  readonly files: RecordFiles;
  readonly logs: LogSource;
  /** Reading all logs takes long: problems are found when somebody wants to see them. */
  readonly costly?: boolean;
  /** Why a job's log could not be read, if that was tried. */
  trouble(job: JobId): string | undefined;
  close(): void;
}

export interface Source {
  /** It has a single build. */
  readonly alone: boolean;
  /** If it is alone: which problems were new when it was made; undefined if that is not known. */
  readonly newProblems?: readonly ProblemPlace[] | undefined;
  builds(asked: BuildsAsked): Promise<Builds>;
  /**
   * @param id undefined for the source's own build, or its newest one.
   * @throws Failure if there is no such build.
   */
  open(id: string | undefined): Promise<BuildSource>;
}
