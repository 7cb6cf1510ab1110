// The kinds of streams that can be imported.

import { goTest } from './gotest.ts';
import type { Kind } from './kind.ts';
import { buildEvents } from './buildevents.ts';

export const KINDS: readonly Kind[] = [buildEvents, goTest];
