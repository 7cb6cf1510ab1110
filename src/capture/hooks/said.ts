// What a tool instance itself said where others spoke at the same time: a log that is read later is put in order by it.

import type { Lineage } from '../../model/birth.ts';
import type { ByteOffset } from '../../model/ids.ts';
import type { Job, Speaker } from '../jobs.ts';
import type { Slot } from '../slots.ts';
import type { Recording } from './hook.ts';

/** An instance begins to write into a slot. */
export function joinSlot(recording: Recording, slot: Slot, speaker: Speaker): void {
  slot.speakers.add(speaker);
  for (const ended of slot.join(speaker)) tellSaid(recording, ended);
}

/** A nested job is launched by who writes into a slot: it says nothing there, but stands beside who does. */
export function launchFromSlot(recording: Recording, slot: Slot, job: Job, born: Lineage): void {
  const { id } = job;
  const launched = {
    job,
    born,
    said: [],
    beside: false,
    id: undefined,
    introduce: () => {
      throw new Error(`job ${id} is no tool instance`);
    },
    get ended() {
      return job.ended;
    },
  };
  for (const ended of slot.join(launched)) tellSaid(recording, ended);
}

/** An instance has ended. Nothing is told of one that was alone: what is in the log between its jobs is in order. */
export function tellSaid({ jobs }: Recording, speaker: Speaker): void {
  const { beside, said } = speaker;
  if (!beside || said.length === 0) return;
  const i = speaker.id ?? speaker.introduce();
  jobs.tell({ e: 'said', i, ranges: said.map(([from, to]) => [from as ByteOffset, to as ByteOffset]) });
}
