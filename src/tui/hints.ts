// Which keys the bottom line names: those that are useful in this pane and this state. Pure.

import { type Action, keyName, keyOf, shortWord } from './keys.ts';
import { treeView } from './selection.ts';
import { type State, selectedJob } from './state.ts';
import { isFlat } from '../documents/tree.ts';

/** An action, with a word for it where the usual one does not say what it does here. */
type Hint = Action | readonly [Action, string];

/** The keys of the help. */
const HELP = [
  ['j k Space', 'move'],
  ['/', 'filter'],
  ['any other key', 'leaves'],
] as const;

/** The keys and words of the bottom line, the most useful first. The last two are to stay in any case. */
export function hintsFor(state: State): readonly (readonly [key: string, word: string])[] {
  if (state.help !== undefined) return HELP;
  const own = { builds: buildHints, jobs: jobHints, log: logHints }[state.focus](state);
  const all: readonly Hint[] = [...(state.zoomed ? [['zoom', 'all panes'] as const] : []), ...own];
  return [...all, 'help' as const, 'quit' as const].map((hint) => {
    const [action, word] = typeof hint === 'string' ? [hint, shortWord(hint)] : hint;
    return [keyName(keyOf(action), state.ascii), word];
  });
}

function buildHints({ builds, buildFilter }: State): readonly Hint[] {
  return [
    ...(builds.length > 0 ? (['open'] as const) : []),
    'nextPane',
    ...(buildFilter === '' ? [] : [['escape', 'all'] as const]),
    ...(builds.length > 0 ? ([['find', 'filter']] as const) : []),
  ];
}

function jobHints(state: State): readonly Hint[] {
  const { jobs } = state;
  const index = jobs.visible[jobs.list.cursor];
  if (index === undefined || index >= jobs.tree.length)
    return isFlat(treeView(state)) ? ['nextPane', ['escape', 'all'], 'find'] : ['nextPane'];
  const job = selectedJob(state);
  const flat = isFlat(treeView(state));
  const reference = jobs.tree.isReference(index);
  const needs = !reference && !flat && jobs.tree.needsOf(index).count > 0;
  return [
    reference ? ['open', 'to the job'] : 'open',
    'nextPane',
    ...(flat ? [['escape', 'all'] as const] : []),
    'find',
    ...(jobs.counts.failed > 0 ? (['nextFailure', 'failedOnly'] as const) : []),
    ...(needs ? (['needs'] as const) : []),
    'problems',
    'findEverywhere',
    ...(job?.parent ? (['why', 'diff'] as const) : []),
    'slowFirst',
    jobs.critical ? ['critical', 'unmark'] : 'critical',
    ...(job?.parent ? (['olderRun', 'newerRun'] as const) : []),
  ];
}

function logHints({ log, open }: State): readonly Hint[] {
  const { shown } = log;
  const target = shown.document.at(log.cursor)?.target;
  const search: readonly Hint[] = [
    ...(log.pattern
      ? ([
          ['nextMatch', 'next'],
          ['previousMatch', 'previous'],
        ] as const)
      : []),
    ['find', 'search'],
  ];
  const enter: readonly Hint[] = target?.job
    ? [['open', target.at === undefined ? 'to the job' : 'open']]
    : [];
  if (shown.kind === 'summary')
    return [
      ...(target ? (['open'] as const) : []),
      'nextPane',
      'problems',
      'block',
      ...(target?.file === undefined ? [] : [['edit', 'edit'] as const]),
      ...search,
    ];
  if (!['log', 'block'].includes(shown.kind))
    return [
      ...enter,
      'nextPane',
      ['escape', 'back'],
      ...(target?.file === undefined ? [] : [['edit', 'edit'] as const]),
      ...search,
      ['save', 'save'],
    ];
  return [
    ...enter,
    'nextPane',
    ...search,
    ['nextFailure', 'problem'],
    log.block ? ['block', 'own log'] : 'block',
    log.wrap ? ['wrap', 'cut'] : 'wrap',
    'findEverywhere',
    ...(open?.state === 'running' ? ([['follow', log.follow ? 'stay' : 'follow']] as const) : []),
    'problems',
    'why',
    'diff',
    'olderRun',
    'newerRun',
  ];
}
