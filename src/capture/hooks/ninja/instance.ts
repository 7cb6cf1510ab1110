// A ninja process, as the hook knows it.

import type { Job } from '../../jobs.ts';
import type { Recording } from '../hook.ts';
import { type InstanceStart, ToolInstance } from '../instances.ts';
import { type CommandLine, readCommandLine } from './commandline.ts';
import type { Edge, Manifest } from './manifest.ts';
import { NinjaOutput } from './output.ts';

export class NinjaInstance extends ToolInstance {
  readonly line: CommandLine;
  readonly samurai: boolean;
  /** It has printed how it ended. */
  concluded = false;
  /** Its stdout goes to the log. */
  readonly visible: boolean;
  /**
   * It takes escape sequences out of what its edges print: its stdout is no terminal, and nobody wants
   * colours all the same.
   */
  readonly strips: boolean;
  readonly output: NinjaOutput<Job>;
  /** Undefined: not read yet, or it cannot be read. */
  manifest: Manifest | undefined;
  /** The edges that run or ran. */
  readonly edges = new Map<Job, Edge>();
  /** The jobs whose status line has come. */
  readonly shown = new Set<Job>();
  /** The job whose output a static ninja is printing. */
  printing: Job | undefined;

  /** @param flags as its record has them. @param complete all has come that it prints about a job. */
  constructor(
    recording: Recording,
    start: Omit<InstanceStart, 'tool' | 'piped'>,
    flags: string,
    complete: (ninja: NinjaInstance, job: Job) => void,
  ) {
    super(recording, { ...start, tool: 'ninja', piped: flags[2] === 'p' });
    this.line = readCommandLine(start.argv);
    this.samurai = /(?:^|\/)samu/.test(start.argv[0] ?? '');
    this.visible = flags.startsWith('1');
    this.strips = flags[3] === '1';
    this.output = new NinjaOutput({
      append: (job, text) => {
        recording.jobs.append(job, text);
      },
      complete: (job) => {
        complete(this, job);
      },
    });
  }
}
