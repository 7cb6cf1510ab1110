// A ninja process, as the hook knows it.

import type { Job } from '../../jobs.ts';
import type { Recording } from '../hook.ts';
import { type InstanceStart, ToolInstance } from '../instances.ts';
import { type NinjaCommandLine, readCommandLine } from './commandline.ts';
import type { Edge, Manifest } from './manifest.ts';
import { NinjaOutput } from './output.ts';

export class NinjaInstance extends ToolInstance {
  readonly line: NinjaCommandLine;
  readonly samurai: boolean;
  /** It has printed how it ended. */
  concluded = false;
  /** Its stdout goes to the log. */
  readonly visible: boolean;
  /**
   * It strips escape sequences from its edges' output, since its stdout is no terminal and colours are not
   * forced.
   */
  readonly strips: boolean;
  readonly output: NinjaOutput<Job>;
  /** Undefined if it has not been read yet, or cannot be read. */
  manifest: Manifest | undefined;
  /** The edges that run or ran. */
  readonly edges = new Map<Job, Edge>();
  /** The jobs whose status line has come. */
  readonly shown = new Set<Job>();
  /** The job whose output a static ninja is printing. */
  printing: Job | undefined;

  /**
   * @param flags those of its record.
   * @param complete called when everything has come that it prints about a job.
   */
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
        recording.jobs.appendToolText(job, text);
      },
      complete: (job) => {
        complete(this, job);
      },
    });
  }
}
