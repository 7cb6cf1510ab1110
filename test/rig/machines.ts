// Two machines that share builds of one project in a folder.

import type { TestContext } from 'node:test';
import { Sandbox } from './sandbox.ts';
import { storeBuild } from './stored.ts';
import { Story } from './story.ts';

export const A = '20260101-000000000-aaaa';
export const B = '20260102-000000000-bbbb';

export interface Machines {
  /** A machine that builds. */
  readonly ci: Sandbox;
  /** A machine of somebody who looks. */
  readonly desk: Sandbox;
  readonly remote: string;
}

/** Two machines with the same project and the same remote. */
export function machines(t: TestContext): Machines {
  const sandboxes = [new Sandbox(), new Sandbox(), new Sandbox()];
  t.after(() => {
    for (const sandbox of sandboxes) sandbox.remove();
  });
  const [ci, desk, shared] = sandboxes as [Sandbox, Sandbox, Sandbox];
  for (const machine of [ci, desk])
    machine.write('.loglin.json', JSON.stringify({ remotes: { ci: shared.path('builds') }, project: 'p' }));
  return { ci, desk, remote: shared.path('builds') };
}

/** What both are called with. */
export const env = (machine: Sandbox): Record<string, string> => ({
  XDG_CACHE_HOME: machine.path('.cache'),
  TZ: 'UTC',
});

/** A build of one target, `a`. */
export function record(machine: Sandbox, id: string, text: string): void {
  const story = new Story('make').make('make').start('a', { make: 'make' }).say('a', text).end('a');
  storeBuild(machine.path('.loglin'), story.makeEnds('make').end('make'), { id });
}
