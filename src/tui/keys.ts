// The keys: one table, on which the browser, its bottom line and its help are based. docs/tui.md repeats it
// (a test compares them).

export type Pane = 'builds' | 'jobs' | 'log';

export type Action =
  | 'down'
  | 'up'
  | 'pageDown'
  | 'pageUp'
  | 'halfDown'
  | 'halfUp'
  | 'first'
  | 'last'
  | 'left'
  | 'right'
  | 'open'
  | 'back'
  | 'escape'
  | 'nextPane'
  | 'previousPane'
  | 'buildsPane'
  | 'jobsPane'
  | 'logPane'
  | 'zoom'
  | 'find'
  | 'findEverywhere'
  | 'nextMatch'
  | 'previousMatch'
  | 'nextFailure'
  | 'previousFailure'
  | 'failedOnly'
  | 'runningOnly'
  | 'slowFirst'
  | 'order'
  | 'foldAll'
  | 'unfoldAll'
  | 'unchanged'
  | 'critical'
  | 'dashboard'
  | 'auto'
  | 'needs'
  | 'needRows'
  | 'block'
  | 'wrap'
  | 'numbers'
  | 'times'
  | 'follow'
  | 'diff'
  | 'why'
  | 'problems'
  | 'olderRun'
  | 'newerRun'
  | 'copy'
  | 'pager'
  | 'edit'
  | 'page'
  | 'save'
  | 'mouse'
  | 'redraw'
  | 'suspend'
  | 'help'
  | 'quit';

/** A mouse event and its position. The wheel turns up and down. */
export interface Mouse {
  readonly kind: 'click' | 'up' | 'down';
  readonly x: number;
  readonly y: number;
}

export interface Key {
  /** The names that screen.ts uses. */
  readonly keys: readonly string[];
  readonly action: Action;
  /** What the key does, for the help. */
  readonly help: string;
  /** A word for the bottom line. */
  readonly short?: string;
}

export interface KeyGroup {
  readonly title: string;
  readonly keys: readonly Key[];
}

export const KEYS: readonly KeyGroup[] = [
  {
    title: 'Moving',
    keys: [
      { keys: ['j', 'down'], action: 'down', help: 'one line down' },
      { keys: ['k', 'up'], action: 'up', help: 'one line up' },
      { keys: ['space', 'pagedown', 'C-f'], action: 'pageDown', help: 'a page down' },
      { keys: ['pageup', 'C-b'], action: 'pageUp', help: 'a page up' },
      { keys: ['C-d'], action: 'halfDown', help: 'half a page down' },
      { keys: ['C-u'], action: 'halfUp', help: 'half a page up' },
      { keys: ['g', 'home'], action: 'first', help: 'to the start' },
      { keys: ['G', 'end'], action: 'last', help: 'to the end' },
      {
        keys: ['h', 'left'],
        action: 'left',
        help: 'jobs: fold, or to what it is below of; log: scroll left',
      },
      { keys: ['l', 'right'], action: 'right', help: 'jobs: unfold; log: scroll right' },
      {
        keys: ['enter'],
        action: 'open',
        help: 'builds: open it; jobs: to its log, or to where a job is shown that was shown above; log: to the job or the problem of this line',
        short: 'open',
      },
      { keys: ['backspace'], action: 'back', help: 'back to where Enter, d, w, p or * led away from' },
      { keys: ['tab'], action: 'nextPane', help: 'the next pane', short: 'pane' },
      { keys: ['S-tab'], action: 'previousPane', help: 'the pane before' },
      { keys: ['1'], action: 'buildsPane', help: 'to the builds' },
      { keys: ['2'], action: 'jobsPane', help: 'to the jobs' },
      { keys: ['3'], action: 'logPane', help: 'to the log' },
      {
        keys: ['z'],
        action: 'zoom',
        help: 'this pane alone on the screen, a log without anything beside its text; and back',
      },
      {
        keys: ['escape'],
        action: 'escape',
        help: 'ends a prompt; takes filters back; leaves a diff and the like',
      },
    ],
  },
  {
    title: 'Finding',
    keys: [
      {
        keys: ['/'],
        action: 'find',
        help: 'builds, jobs: filter by words, as you type; log: search for a regular expression',
        short: 'find',
      },
      {
        keys: ['*'],
        action: 'findEverywhere',
        help: 'searches the logs of all jobs for a regular expression',
        short: 'find in all',
      },
      { keys: ['n'], action: 'nextMatch', help: 'the next match in the log' },
      { keys: ['N'], action: 'previousMatch', help: 'the match before' },
      {
        keys: ['e'],
        action: 'nextFailure',
        help: 'jobs: the next failure; log: the next error in it, then its warnings',
        short: 'error',
      },
      {
        keys: ['E'],
        action: 'previousFailure',
        help: 'jobs: the failure before; log: the error or warning before',
      },
    ],
  },
  {
    title: 'The jobs',
    keys: [
      { keys: ['f'], action: 'failedOnly', help: 'only what failed, by itself first', short: 'failed' },
      { keys: ['r'], action: 'runningOnly', help: 'only what runs' },
      { keys: ['t'], action: 'slowFirst', help: 'what took longest first', short: 'slow' },
      { keys: ['O'], action: 'order', help: 'in the order of needs, or of launches' },
      { keys: ['-'], action: 'foldAll', help: 'fold all' },
      { keys: ['+', '='], action: 'unfoldAll', help: 'unfold all' },
      {
        keys: ['u'],
        action: 'unchanged',
        help: 'also the needs that did not run, from the last build in which they did',
      },
      {
        keys: ['i'],
        action: 'needs',
        help: 'to the need that is shown further up, or the list of them',
        short: 'needs',
      },
      { keys: ['I'], action: 'needRows', help: 'these needs as rows of their own, or beside the jobs' },
      {
        keys: ['D'],
        action: 'dashboard',
        help: 'the tree of the jobs, or first what failed, what runs and what ended last',
      },
      {
        keys: ['a'],
        action: 'auto',
        help: 'while a build runs: follows what plain loglin would print',
      },
      {
        keys: ['c'],
        action: 'critical',
        help: 'marks the critical path',
        short: 'critical',
      },
    ],
  },
  {
    title: 'The log',
    keys: [
      {
        keys: ['b'],
        action: 'block',
        help: "the job's own log, or its whole block as `show` prints it",
        short: 'block',
      },
      {
        keys: ['W'],
        action: 'wrap',
        help: 'long lines go on below, or to the right',
        short: 'wrap',
      },
      { keys: ['#'], action: 'numbers', help: 'line numbers' },
      { keys: ['T'], action: 'times', help: 'when each line was written' },
      { keys: ['F'], action: 'follow', help: 'stay at the end of a log that grows' },
    ],
  },
  {
    title: 'Across builds',
    keys: [
      {
        keys: ['d'],
        action: 'diff',
        help: 'what this job said, and did not when it last ran',
        short: 'diff',
      },
      { keys: ['w'], action: 'why', help: 'why it ran', short: 'why' },
      {
        keys: ['p'],
        action: 'problems',
        help: 'the errors and warnings of the build',
        short: 'problems',
      },
      {
        keys: ['['],
        action: 'olderRun',
        help: 'the same target in the build before',
        short: 'older',
      },
      {
        keys: [']'],
        action: 'newerRun',
        help: 'the same target in the build after',
        short: 'newer',
      },
    ],
  },
  {
    title: 'Out of it',
    keys: [
      { keys: ['y'], action: 'copy', help: 'copies the line, or the name of the job or build (OSC 52)' },
      { keys: ['v'], action: 'pager', help: 'what the log pane shows, in the pager' },
      {
        keys: ['o'],
        action: 'edit',
        help: 'the file and line of the problem under the cursor, or else of the first one, in $VISUAL or $EDITOR',
      },
      { keys: ['x'], action: 'page', help: 'the build in the web browser, where `loglin serve` runs' },
      { keys: ['s'], action: 'save', help: 'writes what the log pane shows into a file' },
      { keys: ['M'], action: 'mouse', help: "the mouse, in place of the terminal's own selection" },
      { keys: ['C-l'], action: 'redraw', help: 'draws the screen again' },
      { keys: ['C-z'], action: 'suspend', help: 'suspends loglin' },
      { keys: ['?'], action: 'help', help: 'this help', short: 'help' },
      { keys: ['q', 'C-c'], action: 'quit', help: 'leaves', short: 'quit' },
    ],
  },
];

const BY_KEY = new Map(
  KEYS.flatMap(({ keys }) => keys).flatMap((key) => key.keys.map((name) => [name, key])),
);

export function actionOf(key: string): Action | undefined {
  return BY_KEY.get(key)?.action;
}

const NAMES: Readonly<Record<string, string>> = {
  down: '↓',
  up: '↑',
  left: '←',
  right: '→',
  space: 'Space',
  pagedown: 'PgDn',
  pageup: 'PgUp',
  home: 'Home',
  end: 'End',
  enter: 'Enter',
  backspace: 'Backspace',
  tab: 'Tab',
  'S-tab': 'Shift-Tab',
  escape: 'Esc',
};

const ARROWS = /^(?:down|up|left|right)$/;

/** A key as the help writes it: `j`, `Ctrl-F`, `↓`. */
export function keyName(key: string, ascii = false): string {
  if (ascii && ARROWS.test(key)) return key;
  return NAMES[key] ?? key.replace(/^C-(.)$/, (_, letter: string) => `Ctrl-${letter.toUpperCase()}`);
}

const BY_ACTION = new Map(KEYS.flatMap(({ keys }) => keys).map((key) => [key.action, key]));

/** The first key of an action. */
export function keyOf(action: Action): string {
  return BY_ACTION.get(action)?.keys[0] ?? '';
}

/** What the bottom line says for an action. */
export function shortWord(action: Action): string {
  return BY_ACTION.get(action)?.short ?? action;
}
