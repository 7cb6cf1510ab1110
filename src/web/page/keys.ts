// The keys of the page: one table, on which the page and its help are based; docs/page.md repeats it (a test
// compares them). They are those of `loglin tui` where the page has the same.

export type Action =
  | 'down'
  | 'up'
  | 'pageDown'
  | 'pageUp'
  | 'first'
  | 'last'
  | 'left'
  | 'right'
  | 'open'
  | 'back'
  | 'escape'
  | 'buildsPane'
  | 'jobsPane'
  | 'mainPane'
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
  | 'foldAll'
  | 'unfoldAll'
  | 'block'
  | 'wrap'
  | 'numbers'
  | 'times'
  | 'follow'
  | 'summary'
  | 'wholeLog'
  | 'problems'
  | 'timeline'
  | 'diff'
  | 'why'
  | 'olderRun'
  | 'newerRun'
  | 'copy'
  | 'download'
  | 'theme'
  | 'help';

export interface Key {
  /** `j`, `Ctrl+d`, `ArrowDown`: KeyboardEvent.key, after `Ctrl+` if that is held. */
  readonly keys: readonly string[];
  readonly action: Action;
  readonly help: string;
}

export interface KeyGroup {
  readonly title: string;
  readonly keys: readonly Key[];
}

export const KEYS: readonly KeyGroup[] = [
  {
    title: 'Moving',
    keys: [
      { keys: ['j', 'ArrowDown'], action: 'down', help: 'one line down' },
      { keys: ['k', 'ArrowUp'], action: 'up', help: 'one line up' },
      { keys: [' ', 'PageDown'], action: 'pageDown', help: 'a page down' },
      { keys: ['PageUp'], action: 'pageUp', help: 'a page up' },
      { keys: ['g', 'Home'], action: 'first', help: 'to the start' },
      { keys: ['G', 'End'], action: 'last', help: 'to the end; a log that grows is followed' },
      {
        keys: ['h', 'ArrowLeft'],
        action: 'left',
        help: 'jobs: fold, or to the job above; log: scroll left; timeline: earlier',
      },
      {
        keys: ['l', 'ArrowRight'],
        action: 'right',
        help: 'jobs: unfold; log: scroll right; timeline: later',
      },
      { keys: ['Enter'], action: 'open', help: 'to the log of the job, or to what the line names' },
      { keys: ['Backspace'], action: 'back', help: 'back to where you were' },
      { keys: ['Escape'], action: 'escape', help: 'closes what is open; ends a search; takes filters back' },
      { keys: ['1'], action: 'buildsPane', help: 'to the builds' },
      { keys: ['2'], action: 'jobsPane', help: 'to the jobs' },
      { keys: ['3'], action: 'mainPane', help: 'to the log, or what else is open' },
      { keys: ['z'], action: 'zoom', help: 'hides the jobs; shows them again' },
    ],
  },
  {
    title: 'Finding',
    keys: [
      { keys: ['/'], action: 'find', help: 'jobs: filter by words; log: search for a regular expression' },
      { keys: ['*'], action: 'findEverywhere', help: 'searches the logs of all jobs' },
      { keys: ['n'], action: 'nextMatch', help: 'the next match' },
      { keys: ['N'], action: 'previousMatch', help: 'the match before' },
      {
        keys: ['e'],
        action: 'nextFailure',
        help: 'jobs: the next failure; log: the next error in it, then its warnings',
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
      { keys: ['f'], action: 'failedOnly', help: 'only what failed' },
      { keys: ['r'], action: 'runningOnly', help: 'only what runs' },
      { keys: ['t'], action: 'slowFirst', help: 'what took longest first' },
      { keys: ['-'], action: 'foldAll', help: 'fold all; timeline: a longer part' },
      { keys: ['+', '='], action: 'unfoldAll', help: 'unfold all; timeline: a shorter part' },
    ],
  },
  {
    title: 'Views',
    keys: [
      { keys: ['s'], action: 'summary', help: 'the summary of the build' },
      { keys: ['B'], action: 'wholeLog', help: 'the log of the whole build' },
      { keys: ['p'], action: 'problems', help: 'the errors and warnings of the build' },
      { keys: ['T'], action: 'timeline', help: 'when each job ran' },
      { keys: ['b'], action: 'block', help: "the job's own log, or its whole block as `show` prints it" },
      { keys: ['w'], action: 'why', help: 'why the job ran' },
      { keys: ['d'], action: 'diff', help: 'what the job said, and did not when it last ran' },
      { keys: ['['], action: 'olderRun', help: 'the same target in the build before' },
      { keys: [']'], action: 'newerRun', help: 'the same target in the build after' },
    ],
  },
  {
    title: 'The log',
    keys: [
      { keys: ['W'], action: 'wrap', help: 'long lines go on below, or to the right' },
      { keys: ['#'], action: 'numbers', help: 'line numbers' },
      { keys: ['F'], action: 'follow', help: 'stay at the end of a log that grows' },
      {
        keys: ['y'],
        action: 'copy',
        help: 'copies the line or lines under the cursor, or the name of the job',
      },
      { keys: ['D'], action: 'download', help: 'the raw log as a file' },
    ],
  },
  {
    title: 'The page',
    keys: [
      { keys: ['m'], action: 'theme', help: 'light, dark, or as the system has it' },
      { keys: ['?'], action: 'help', help: 'this help' },
    ],
  },
];

const BY_KEY = new Map(
  KEYS.flatMap(({ keys }) => keys).flatMap(({ keys, action }) => keys.map((key) => [key, action] as const)),
);

/** @param event what a press tells. Presses that belong to the browser have no action. */
export function actionOf(event: {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}): Action | undefined {
  return event.ctrlKey || event.metaKey || event.altKey ? undefined : BY_KEY.get(event.key);
}

const NAMES: Readonly<Record<string, string>> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  ' ': 'Space',
  PageDown: 'PgDn',
  PageUp: 'PgUp',
  Escape: 'Esc',
};

/** A key as the help writes it. */
export function keyName(key: string): string {
  return NAMES[key] ?? key;
}

/** The first key of an action, as the help writes it. */
export function keyOf(action: Action): string {
  const key = KEYS.flatMap(({ keys }) => keys).find((one) => one.action === action);
  return keyName(key?.keys[0] ?? '');
}
