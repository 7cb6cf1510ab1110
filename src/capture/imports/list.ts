// The kinds of streams that can be imported.

import { goTest } from './gotest.ts';
import type { StreamKind } from './kind.ts';
import { buildEvents } from './buildevents.ts';

export const KINDS: readonly StreamKind[] = [buildEvents, goTest];
