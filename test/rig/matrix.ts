// What each command prints from each place that can hold a foreign name or text: the table of
// docs/security-names.md, and of the test that runs the commands (test/e2e/hostile.test.ts). A command that
// prints more or less than this table has fails that test.

/** The places, and what they are. */
export const PLACES = {
  target: 'names of targets, jobs and what they need, from make, ninja, scripts',
  command: "jobs' commands",
  root: 'the wrapped command, or the name that `-t` gave it',
  folder: 'the folder of a tool',
  tool: "a tool's name",
  why: "a tool's words for why it ran",
  text: 'job output',
  problem: 'files, codes and messages of errors and warnings',
  config: 'names, keys and values of `.loglin.json`',
  revision: 'the git revision',
  id: 'ids in journals, names in `builds/`',
  path: 'where the project and the store lie, `LOGLIN_STORE`',
  word: 'what was typed: targets, patterns, builds, files, values of options',
  archive: 'names in an archive',
} as const;

export type Place = keyof typeof PLACES;

export interface Cell {
  /** Its name in the table. */
  readonly command: string;
  /** Its arguments; `WORD` stands for a word with everything that a word can hold. */
  readonly args: readonly string[];
  /** What it prints. */
  readonly prints: readonly Place[];
  /** The format of stdout: NDJSON or one JSON document. */
  readonly json?: 'lines' | 'document';
  /** The file that holds the document. */
  readonly file?: string;
  /** The tree: one with an invalid configuration, or one where nothing was recorded. */
  readonly tree?: 'misconfigured' | 'empty';
}

const row = (
  command: string,
  args: string,
  prints: string,
  more: Pick<Cell, 'json' | 'file' | 'tree'> = {},
): Cell => ({
  command,
  args: args.split(' ').map((arg) => arg.replaceAll('_', ' ')),
  prints: prints.split(' ').filter((place): place is Place => place in PLACES),
  ...more,
});

const JSON_LINES = { json: 'lines' } as const;

export const MATRIX: readonly Cell[] = [
  row('show', 'show', 'target text problem'),
  row('show -u --links --times', 'show -u --links --times', 'target text problem'),
  row('show --commands', 'show --commands', 'target command text problem'),
  row('show --prefix --commands', 'show --prefix --commands', 'target command text problem'),
  row('show --no-details', 'show --no-details', 'target'),
  row(
    'show --json',
    'show --json --commands --links',
    'target command root folder text problem revision',
    JSON_LINES,
  ),
  row('show --failed', 'show --failed', 'target text problem'),
  row('show TARGET', 'show Qtarget/tool', 'target text'),
  row('show, no such target', 'show WORD', 'word'),
  row('show, which one?', 'show same', 'target'),
  row('show, no such build', 'show -b WORD', 'word path'),
  row('show, wrong value', 'show --order=WORD', 'word'),
  row('show, wrong option', 'show --WORD', 'word'),
  row('show, nothing recorded', 'show', 'path', { tree: 'empty' }),
  row('ls', 'ls', 'root revision'),
  row('ls --json', 'ls --json', 'root folder revision', JSON_LINES),
  row('ls, wrong value', 'ls -n WORD', 'word'),
  row('jobs', 'jobs', 'target command'),
  row('jobs --json', 'jobs --json', 'target command tool', JSON_LINES),
  row('jobs, wrong value', 'jobs --sort=WORD', 'word'),
  row('why', 'why Qtarget/tool Qtarget/file Qtarget/silent Qtarget/fails', 'target tool why command'),
  row(
    'why --json',
    'why --json Qtarget/tool Qtarget/file Qtarget/silent Qtarget/fails',
    'target why command',
    JSON_LINES,
  ),
  row('why --tree', 'why --tree', 'target tool why command'),
  row('why --tree --json', 'why --tree --json', 'target why', JSON_LINES),
  row('why, no such target', 'why WORD', 'word'),
  row('diff', 'diff', 'target command text problem config'),
  row('diff --exact', 'diff --exact', 'target command text problem config'),
  row('diff --stat', 'diff --stat', 'target'),
  row('diff --name-only', 'diff --name-only', 'target'),
  row('diff --json', 'diff --json', 'target command text problem config', JSON_LINES),
  row('diff A..B', 'diff -b -1..', 'target command text problem config root'),
  row('diff, no such builds', 'diff -b WORD..WORD', 'word path'),
  row('grep', 'grep Q', 'target text problem'),
  row('grep --heading -C1', 'grep --heading -C1 Qtext', 'target text problem'),
  row('grep -l, -c', 'grep -l Q', 'target'),
  row('grep --json', 'grep --json Q', 'target text problem', JSON_LINES),
  row('grep --all-builds', 'grep --all-builds Q', 'target text problem'),
  row('grep, wrong pattern', 'grep (WORD', 'word'),
  row('problems', 'problems', 'target problem config'),
  row('problems --snippets', 'problems --snippets', 'target problem config text'),
  row('problems --json', 'problems --json --snippets', 'target problem config text', JSON_LINES),
  row('problems --format=sarif', 'problems --format=sarif', 'target problem config', { json: 'document' }),
  row('problems --format=github', 'problems --format=github', 'problem config'),
  row('problems --new', 'problems --new', 'target problem config'),
  row('problems, wrong value', 'problems --format=WORD', 'word'),
  row('problems, wrong configuration', 'problems', 'target problem config path', { tree: 'misconfigured' }),
  row('time', 'time -n 200', 'target root'),
  row('time --json', 'time --json', 'target root', JSON_LINES),
  row('time --trace', 'time --trace trace.json', 'target command root why tool', {
    json: 'document',
    file: 'trace.json',
  }),
  row('time, wrong file', 'time --trace WORD/x', 'word'),
  row('path', 'path Qtarget/fails', 'path'),
  row('path, no such target', 'path WORD', 'word'),
  row('export, wrong file', 'export -o WORD/x', 'word path'),
  row('import', 'import evil.tar', 'archive path'),
  row('import, no such file', 'import WORD', 'word path'),
  row('import, wrong value', 'import --max WORD x', 'word'),
  row('gc --dry-run', 'gc --dry-run --keep 0', ''),
  row('gc --json', 'gc --dry-run --keep 0 --json', '', JSON_LINES),
  row('gc, wrong value', 'gc --keep WORD', 'word'),
  row('gc, wrong configuration', 'gc', 'config path', { tree: 'misconfigured' }),
  row('rm', 'rm WORD', 'word path'),
  row('doctor', 'doctor', 'path'),
  row('doctor --json', 'doctor --json', 'path', JSON_LINES),
  row('completion, of targets', 'completion --targets  --', 'target'),
  row('completion, of builds', 'completion --builds --', 'root'),
  row('completion, wrong shell', 'completion WORD', 'word'),
  row('link', 'link WORD', 'word'),
  row('help', 'help WORD', 'word'),
  row('run, no such program', 'run WORD', 'word'),
  row('run, no such folder', '-C WORD true', 'word path'),
  row('run, wrong value', '--color=WORD true', 'word'),
  row('run --plan', '--plan WORD/x', 'word'),
];

/** Places on the screen only while something runs; test/e2e/hostile-live.test.ts covers them. */
const LIVE: readonly Pick<Cell, 'command' | 'prints'>[] = [
  row('a build, live', '', 'target text'),
  row('a build, its status line', '', 'target'),
  row('a build, its report of failures', '', 'target command root text problem'),
  row('tui', '', 'target command root tool why text problem config path word'),
];

/** The table in Markdown. */
export function markdown(): string {
  const places = Object.keys(PLACES) as Place[];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(['', ...places]),
    line(['---', ...places.map(() => ':-:')]),
    ...[...MATRIX, ...LIVE].map(({ command, prints }) =>
      line([command, ...places.map((place) => (prints.includes(place) ? '×' : ''))]),
    ),
  ].join('\n');
}
