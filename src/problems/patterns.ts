// The table of all patterns. For each word that is found in a log, the patterns with that word are tried in
// this order. The formats come from real tool output, in the logs of test/problems/logs.

import type { ProblemPattern } from './pattern.ts';
import { BUILD_TOOLS } from './tables/buildtools.ts';
import { COMPILERS } from './tables/compilers.ts';
import { CONFIGURATION } from './tables/configuration.ts';
import { CRASHES } from './tables/crashes.ts';
import { EXCEPTIONS } from './tables/exceptions.ts';
import { FRAMEWORKS } from './tables/frameworks.ts';
import { GENERATORS } from './tables/generators.ts';
import { GO } from './tables/go.ts';
import { LINKERS } from './tables/linkers.ts';
import { MAKES } from './tables/make.ts';
import { OTHER } from './tables/other.ts';
import { PYTHON } from './tables/python.ts';
import { RUSTC } from './tables/rust.ts';
import { SHELLS } from './tables/shells.ts';
import { TEST_RUNNERS } from './tables/testrunners.ts';
import { TYPESCRIPT } from './tables/typescript.ts';

export const PATTERNS: readonly ProblemPattern[] = [
  ...MAKES,
  // These come before the compilers, whose lines look similar.
  ...LINKERS,
  ...COMPILERS,
  ...GENERATORS,
  ...CONFIGURATION,
  ...CRASHES,
  ...FRAMEWORKS,
  ...RUSTC,
  ...TYPESCRIPT,
  ...GO,
  ...PYTHON,
  ...EXCEPTIONS,
  ...TEST_RUNNERS,
  ...BUILD_TOOLS,
  ...SHELLS,
  ...OTHER,
];
