// Splits a static ninja, which cannot load the library. Its status lines say which edge has ended, and the
// edge's output follows them (library/launchers.c, static_ninja_env). An edge becomes a job only then.

import type { InstanceId } from '../../../model/ids.ts';
import type { Job } from '../../jobs.ts';
import type { Slot } from '../../slot.ts';
import type { Fields } from '../../wire.ts';
import type { Recording } from '../hook.ts';
import type { InstanceStart } from '../instances.ts';
import type { NinjaInstance } from './instance.ts';

/** Its flags: its output goes to the log, and is no terminal. */
const FLAGS = '11-0';

/** The functions of the hook that any ninja needs. */
interface Ninjas {
  add(process: string, start: Omit<InstanceStart, 'tool' | 'piped'>, flags: string): NinjaInstance;
  get(process: string): NinjaInstance | undefined;
  emitStart(instance: NinjaInstance): InstanceId;
  endJob(job: Job): void;
}

export class StaticNinjas {
  readonly #recording: Recording;
  readonly #ninjas: Ninjas;
  #noted = false;

  constructor(recording: Recording, ninjas: Ninjas) {
    this.#recording = recording;
    this.#ninjas = ninjas;
  }

  started({ process, place, time, cwd, argv }: Fields<'V'>, slot: Slot | undefined): undefined {
    const { jobs } = this.#recording;
    const start = { job: jobs.byPlace(place), t: jobs.time(time), lineage: '', argv, slot };
    const instance = this.#ninjas.add(process, start, FLAGS);
    const { folder } = instance.line;
    instance.cwd = folder === '' ? cwd : folder.startsWith('/') ? folder : `${cwd}/${folder}`;
  }

  /** Handles the mark before an edge's status line. */
  edgeEnded({ process }: Fields<'v'>, slot: Slot | undefined): undefined {
    const instance = this.#ninjas.get(process);
    if (!instance || !slot) return;
    this.#note();
    this.#recording.flush(slot, 'unknown');
    if (instance.printing) this.#ninjas.endJob(instance.printing);
    instance.printing = undefined;
    instance.output.onStatusLine((line) => this.#startJob(instance, line));
  }

  /** Only after a status line: another program may have ninja's name. */
  #note(): void {
    if (this.#noted) return;
    this.#noted = true;
    this.#recording.jobs.note(
      'a static ninja cannot be looked into: the output of its edges comes when they have ended',
    );
  }

  /** @returns false if the line is not about an edge. */
  #startJob(instance: NinjaInstance, line: string): boolean {
    const { jobs } = this.#recording;
    const i = this.#ninjas.emitStart(instance);
    const edge = instance.manifest?.described(line);
    if (!edge) return false;
    const t = jobs.now();
    const target = edge.outputs[0] ?? '';
    const name = jobs.nameOf(instance.cwd, target);
    const job = jobs.start({ name, target, parent: instance.job, instance: i, t, redirected: false });
    const echo = Buffer.from(`${edge.description}\n`);
    jobs.step(job, { t, argv: ['/bin/sh', '-c', edge.command], echo });
    jobs.setStatus(job, { exit: 0 }, t);
    instance.printing = job;
    return true;
  }

  /** Handles the output of the edge whose status line came last. @returns the text that is ninja's own. */
  takeOutput(job: Job, text: Buffer): Buffer {
    const { jobs } = this.#recording;
    // ninja's last message follows the last edge's output.
    const message = /(?:^|\n)(ninja: )/.exec(text.toString('latin1'));
    const end = message ? message.index + message[0].length - message[1]!.length : text.length;
    const output = text.subarray(0, end);
    const failed = /^FAILED: (?:\[code=(\d+)\] )?/.exec(output.toString('latin1', 0, 64));
    if (failed) jobs.setStatus(job, { exit: Number(failed[1] ?? 1) });
    jobs.append(job, output);
    return text.subarray(end);
  }
}
