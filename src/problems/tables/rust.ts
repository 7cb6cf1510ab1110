// rustc, the messages of a Rust program that dies, and cargo.

import type { Below, ProblemPattern } from '../pattern.ts';
import { BOTH } from './shared.ts';

const RUST: readonly Below[] = [
  { is: /^ *(?:-->|:::) (?<file>.+?):(?<line>\d+):(?<column>\d+)$/ },
  { is: /^ *= note: `#\[(?:warn|deny|forbid)\((?<code>[\w:]+)\)\]`/ },
  { is: /^(?:note|help)(?:: (?<message>.*))?$/, note: true },
  { is: /^(?: *\d+)? *[|=~+-]|^ |^\d+ |^\.\.\.$/ },
];

export const RUSTC: readonly ProblemPattern[] = [
  {
    tool: 'rustc',
    words: BOTH,
    first: /^(?<severity>error|warning)(?:\[(?<code>\w+)\])?: (?<message>.+)$/,
    needs: /^ *--> /,
    below: RUST,
  },
  {
    tool: 'rustc',
    words: BOTH,
    first:
      /^(?<severity>error|warning): (?<message>aborting due to .*|could not compile .*|test failed, to rerun .*|\d+ targets? failed:|build failed.*|\d+ warnings? emitted|`.*` \(.*\) generated \d+ warnings?.*)$/,
    summary: true,
  },
  {
    // thread 'main' (123) panicked at src/main.rs:5:33:
    tool: 'rust',
    words: [' panicked at '],
    first:
      /^thread '(?<what>.*)'(?: \(\d+\))? panicked at (?:'(?<message>.*)', )?(?<file>[^\s:]+):(?<line>\d+):(?<column>\d+):?$/,
    below: [
      { is: /^(?<message>\S.*)$/, after: / panicked at [^']*:$/ },
      { is: /^ +(?<message>(?:left|right): .*)$/, joins: true },
      { is: /^ +\d+: |^ +at |^stack backtrace:$|^note: / },
    ],
  },
  {
    // The error that main() or a test returned.
    tool: 'rust',
    words: ['Error: '],
    first: /^Error: (?<message>".*"|[A-Z]\w*(?:\(.*\)| \{.*))$/,
    unless: /^ {4}at /,
  },
  {
    tool: 'rust',
    words: ['... FAILED'],
    first: /^test (?<what>\S+)(?: - should panic)? \.\.\. (?<message>FAILED)$/,
    summary: true,
  },
  {
    // Input that could not be read: the last of the causes gives the reason.
    tool: 'cargo',
    words: BOTH,
    first:
      /^(?<severity>error|warning): (?:(?<file>\S*Cargo\.toml): )?(?<what>(?:failed to|could not|no matching|unable to|cannot|the lock file|package `|unused manifest key|virtual manifest).*)$/,
    below: [
      { is: /^(?:referenced by|required by|location searched:|perhaps|searched|note:|help:) ?/ },
      { is: /^$/, then: /^Caused by:/ },
      { is: /^Caused by:$/ },
      { is: /^ {2}(?<message>\S.*)$/, after: /^Caused by:$/, replaces: true },
      { is: /^ *\d* \|/ },
    ],
  },
];
