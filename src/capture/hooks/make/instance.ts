// A make process, as the hook knows it.

import type { Recording } from '../hook.ts';
import { type InstanceStart, ToolInstance } from '../instances.ts';

/**
 * A make process. One that re-executes itself stays the same instance. Its folder is known only with its
 * first job, since make changes to `-C` after its start.
 */
export class MakeInstance extends ToolInstance {
  /** Its stderr goes to the log. */
  readonly errVisible: boolean;
  /** The start of its text, while it has launched nothing. */
  firstText: Buffer | undefined;
  goals: readonly string[] = [];
  /** What it prints around each piece of output, of a line or of a target (--output-sync). */
  frame: { readonly before: Buffer; readonly after: Buffer; readonly byLine: boolean } | undefined;

  constructor(recording: Recording, start: Omit<InstanceStart, 'tool'>, errVisible: boolean) {
    super(recording, { ...start, tool: 'make' });
    this.errVisible = errVisible;
  }
}
