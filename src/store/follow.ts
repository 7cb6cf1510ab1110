// A build that another process records, read as it goes on: its journal, its graphs, and whether that process is still there.

import { type Build, emptyBuild, reduce } from '../model/build.ts';
import { mergeGraphs } from '../model/graph.ts';
import { isRecorded } from './builds.ts';
import { parseGraph } from './graphs.ts';
import { noRecord, parseRecord } from './journal.ts';
import { graphFile, journalFile } from './layout.ts';
import { logSize, LogReader } from './logs.ts';
import { Tail } from './tail.ts';

/** `interrupted`: the process is gone, and the record has no end. */
export type FollowState = 'running' | 'ended' | 'interrupted';

export class FollowedBuild {
  readonly build: Build = emptyBuild();
  readonly logs: LogReader;
  readonly problems: string[] = [];
  readonly #folder: string;
  readonly #journal: Tail;
  readonly #graphs: Tail;
  /** Lines of graphs whose tool instance is not known yet. */
  #early: string[] = [];
  #line = 0;
  #state: FollowState = 'running';

  constructor(folder: string) {
    this.#folder = folder;
    this.logs = new LogReader(folder);
    this.#journal = new Tail(journalFile(folder));
    this.#graphs = new Tail(graphFile(folder));
  }

  get state(): FollowState {
    return this.#state;
  }

  /**
   * Takes what was recorded since.
   * @returns is there anything new?
   * @throws Failure where the record cannot be read, or is of another version.
   */
  update(): boolean {
    if (this.#state !== 'running') return false;
    let news = this.#readAll();
    const { started, ended } = this.build;
    if (ended) this.#state = 'ended';
    // What was written between the last look and the process' end is still to be read.
    else if (!news && started && !isRecorded(this.#folder, started)) {
      this.#readAll();
      this.#freeze();
      news = true;
    }
    return news;
  }

  close(): void {
    this.#journal.close();
    this.#graphs.close();
    this.logs.close();
  }

  #readAll(): boolean {
    let news = false;
    for (let lines = this.#journal.read(); lines; lines = this.#journal.read()) {
      for (const line of lines) this.#take(line);
      news ||= lines.length > 0;
    }
    // After the journal, so that a graph that was known before a job was is known here too.
    for (let lines = this.#graphs.read(); lines; lines = this.#graphs.read())
      this.#early.push(...lines.map((line) => line.toString()));
    if (this.#early.length > 0) this.#early = this.#early.filter((line) => !this.#takeGraph(line));
    return news;
  }

  #take(line: Buffer): void {
    const file = journalFile(this.#folder);
    this.#line++;
    const event = parseRecord(line, file);
    if (!event) {
      this.problems.push(noRecord(file, this.#line));
      return;
    }
    try {
      reduce(this.build, event);
    } catch (error) {
      this.problems.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** @returns false: it is too early. */
  #takeGraph(line: string): boolean {
    const graph = parseGraph(line);
    if (!graph) return true;
    const instance = this.build.instances[graph.i];
    if (!instance) return false;
    instance.graph = mergeGraphs(instance.graph, graph.nodes);
    if (instance.goals.length === 0) instance.goals = graph.goals;
    return true;
  }

  /** The recorder was killed: what is in the logs is all there will be. They are ahead of the journal. */
  #freeze(): void {
    const { build } = this;
    this.#state = build.ended ? 'ended' : 'interrupted';
    for (const job of build.jobs) {
      const size = logSize(this.#folder, job.id);
      if (size !== undefined && size > job.size) job.size = size;
      job.ended ??= build.time;
    }
    for (const instance of build.instances) instance.ended = true;
  }
}
