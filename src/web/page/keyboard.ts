// Keys: which pane a press is for, and what holds in all of them.

import { type Action, actionOf } from './keys.ts';
import type { Page, PaneName } from './page.ts';

/** Elements that have keys of their own. */
const TYPING = 'input, textarea, select, [contenteditable]';
const PRESSED = 'button, a, [role=tab]';

/** @returns what ends this. */
export function listenToKeys(page: Page): () => void {
  const press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest(TYPING)) return;
    if ((event.key === 'Enter' || event.key === ' ') && target.closest(PRESSED)) return;
    const action = actionOf(event);
    if (action === undefined) return;
    if (page.help.value && action !== 'help' && action !== 'escape') return;
    if (act(page, action, paneOf(target))) event.preventDefault();
  };
  addEventListener('keydown', press);
  return () => removeEventListener('keydown', press);
}

function paneOf(target: Element): PaneName {
  const pane = target.closest<HTMLElement>('[data-pane]')?.dataset.pane;
  return pane === 'builds' || pane === 'jobs' ? pane : 'main';
}

/** Actions that only jobs have, whichever pane has the focus. */
const OF_JOBS = new Set<Action>(['failedOnly', 'runningOnly', 'slowFirst']);

function act(page: Page, action: Action, pane: PaneName): boolean {
  if (page.act(pane, action)) return true;
  const asked = page.treeAsked.value;
  if (OF_JOBS.has(action)) {
    if (action === 'failedOnly') void page.listJobs({ ...asked, failed: !asked.failed });
    else if (action === 'runningOnly') void page.listJobs({ ...asked, running: !asked.running });
    else void page.listJobs({ ...asked, slow: !asked.slow });
    return true;
  }
  const done = EVERYWHERE[action];
  if (done) done(page);
  // What is not of this view may be of the jobs: the next failure, from the summary.
  else if (pane === 'main') return page.act('jobs', action);
  return done !== undefined;
}

const focus = (selector: string): void => document.querySelector<HTMLElement>(selector)?.focus();

const EVERYWHERE: Partial<Record<Action, (page: Page) => void>> = {
  summary: (page) => page.goView({ kind: 'summary' }),
  wholeLog: (page) => page.goView({ kind: 'build' }),
  problems: (page) => page.goView({ kind: 'problems' }),
  timeline: (page) => page.goView({ kind: 'timeline' }),
  why: (page) => page.showView('why'),
  diff: (page) => page.showView('diff'),
  block: (page) => {
    const { kind } = page.route.value.view;
    page.showView(kind === 'block' ? 'job' : 'block');
  },
  olderRun: (page) => void page.otherBuild(-1),
  newerRun: (page) => void page.otherBuild(1),
  wrap: (page) => void page.wrap.toggle(),
  numbers: (page) => void page.numbers.toggle(),
  theme: (page) => page.say(`Theme: ${page.themes.next()}`),
  help: (page) => (page.help.value = !page.help.value),
  zoom: (page) => {
    if (matchMedia('(width < 800px)').matches) page.drawer.value = !page.drawer.value;
    else page.sideShown.toggle();
  },
  findEverywhere: () => focus('#everywhere'),
  find: () => focus('#filter'),
  foldAll: (page) => void page.fold(undefined, true),
  unfoldAll: (page) => void page.fold(undefined, false),
  back: () => history.back(),
  buildsPane: (page) => {
    if (page.opened.value?.alone) page.say('Only this build is here');
    else page.goView({ kind: 'builds' });
    requestAnimationFrame(() => focus('#builds'));
  },
  jobsPane: (page) => {
    page.sideShown.value = true;
    page.drawer.value = true;
    if (page.route.value.view.kind === 'builds') page.goView({ kind: 'summary' });
    requestAnimationFrame(() => focus('#jobs'));
  },
  mainPane: (page) => {
    page.drawer.value = false;
    focus('main [data-pane=main]');
  },
  escape: (page) => {
    const { filter, failed, running, slow } = page.treeAsked.value;
    if (page.help.value) page.help.value = false;
    else if (page.drawer.value) page.drawer.value = false;
    else if (filter || failed || running || slow) void page.listJobs({});
    else if (page.route.value.view.kind === 'find') history.back();
  },
};
