// The build tools that are split into jobs. A tool is a folder here and a line in this list.

import type { Tool } from './hook.ts';
import { cargo } from './cargo/tool.ts';
import { ctest } from './ctest/tool.ts';
import { go } from './go/tool.ts';
import { make } from './make/tool.ts';
import { nested } from './nested/tool.ts';
import { ninja } from './ninja/tool.ts';
import { npm } from './npm/tool.ts';
import { others } from './others/tool.ts';
import { parallel } from './parallel/tool.ts';
import { pipes } from './pipes/tool.ts';
import { redo } from './redo/tool.ts';
import { scons } from './scons/tool.ts';
import { tup } from './tup/tool.ts';
import { wireit } from './wireit/tool.ts';

export const TOOLS: readonly Tool[] = [
  make,
  ninja,
  ctest,
  go,
  pipes,
  cargo,
  npm,
  wireit,
  parallel,
  scons,
  redo,
  tup,
  nested,
  others,
];
