// A make process, as the hook knows it.

import type { Recording } from '../hook.ts';
import { type InstanceStart, ToolInstance } from '../instances.ts';

/**
 * A make process. One that executes itself anew stays the same instance. Its folder is known with its first
 * job, since `-C` comes after the start.
 */
export class MakeInstance extends ToolInstance {
  /** Its stderr goes to the log. */
  readonly errVisible: boolean;
  /** The beginning of what it printed first, while it has launched nothing. */
  firstText: Buffer | undefined;
  goals: readonly string[] = [];
  /** What it prints around each piece of output: of a line's or of a target's (--output-sync). */
  frame: { readonly before: Buffer; readonly after: Buffer; readonly byLine: boolean } | undefined;

  constructor(recording: Recording, start: Omit<InstanceStart, 'tool'>, errVisible: boolean) {
    super(recording, { ...start, tool: 'make' });
    this.errVisible = errVisible;
  }
}
