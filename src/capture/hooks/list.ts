// The build tools that are split into jobs. A tool is a folder here and a line in this list.

import type { Tool } from './hook.ts';
import { cargo } from './cargo/tool.ts';
import { make } from './make/tool.ts';
import { nested } from './nested/tool.ts';
import { ninja } from './ninja/tool.ts';
import { redo } from './redo/tool.ts';

export const TOOLS: readonly Tool[] = [make, ninja, cargo, redo, nested];
