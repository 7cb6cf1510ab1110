// A cargo process, as the hook knows it.

import type { GraphNode } from '../../../model/graph.ts';
import type { Recording } from '../hook.ts';
import { type InstanceStart, ToolInstance } from '../instances.ts';
import { Expected } from './messages.ts';
import type { CargoOptions, CargoProcess } from './processes.ts';

export class CargoInstance extends ToolInstance {
  readonly pid: number;
  readonly ticks: number | undefined;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly options: CargoOptions;
  readonly expected = new Expected();
  readonly nodes: GraphNode[] = [];
  /** The targets of build scripts, by the folders of their packages. */
  readonly scripts = new Map<string, string>();
  /** The folders of build scripts' runs that have been read. */
  readonly looked = new Set<string>();

  constructor(
    recording: Recording,
    start: Omit<InstanceStart, 'tool'>,
    pid: number,
    { ticks, started }: CargoProcess,
    options: CargoOptions,
  ) {
    super(recording, { ...start, tool: 'cargo' });
    this.pid = pid;
    this.ticks = ticks;
    this.started = started;
    this.options = options;
  }
}
