// Go, its tests, and what a Go program prints as it dies.

import type { Below, ProblemPattern } from '../pattern.ts';

/** The frames of a panic. The first one outside of Go's standard library is the place. */
const GOROUTINES: readonly Below[] = [
  { is: /^\t*panic: (?<message>.*)$/ },
  { is: /^\[signal / },
  { is: /^$/, then: /^goroutine \d+ \[/ },
  { is: /^goroutine \d+ \[.*\]:$/ },
  { is: /^\t(?!.*\/src\/(?:runtime|testing)\/)(?<file>.+\.go):(?<line>\d+)/ },
  { is: /^\t.+\.go:\d+/ },
  { is: /^\S.*\)$|^created by /, then: /^\t.+\.go:\d+/ },
  { is: /^exit status \d+$/ },
];

export const GO: readonly ProblemPattern[] = [
  {
    tool: 'go',
    words: ['.go:'],
    first: /^(?:vet: )?(?<file>[^\s:]+\.go):(?<line>\d+):(?<column>\d+): (?<message>.*)$/,
    below: [{ is: /^\t+\S/ }],
  },
  {
    tool: 'go',
    words: ['go: '],
    first:
      /^go: (?!downloading |finding |extracting |added |upgraded |downgraded |removed |creating |to add |warning: )(?<message>.+)$/,
    below: [
      { is: /^(?<file>\S+go\.(?:mod|work)):(?<line>\d+): (?<message>.*)$/, replaces: true },
      { is: /^\t/ },
    ],
  },
  {
    tool: 'go test',
    words: ['--- FAIL: '],
    first: /^ *--- FAIL: (?<what>\S+) \([\d.]+s\)$/,
    // The parent of subtests is not a problem itself.
    unless: /^ +--- (?:FAIL|PASS|SKIP): /,
    // With -v, the test's lines come first.
    above: /^ {4,}(?:(?<file>[\w.-]+\.go):(?<line>\d+): (?<message>.*)|(?!--- )\S.*)$/,
    below: [
      { is: /^ {4,}(?<file>[\w.-]+\.go):(?<line>\d+): (?<message>.*)$/ },
      { is: /^ {4,}(?!--- )\S/ },
      ...GOROUTINES,
    ],
    bare: true,
  },
  {
    tool: 'go',
    words: ['panic: '],
    first: /^panic: (?<message>.*)$/,
    needs: /^(?:\s.*\n|\[signal .*\n|\n)*goroutine \d+ \[/,
    below: GOROUTINES,
  },
];
