// The side of the page: the ways to the views of the build, then its jobs; or the list of builds.

import type { JSX } from 'preact';
import type { TreeAsked } from '../protocol.ts';
import { Builds } from './builds.tsx';
import { useCell } from './cell.ts';
import { Chip } from './chip.tsx';
import { FilterField } from './filterfield.tsx';
import { Icon, type IconName } from './icons.tsx';
import { keyOf } from './keys.ts';
import { Tool } from './logtools.tsx';
import type { Page } from './page.ts';
import type { View } from './router.ts';
import { Tree } from './tree.tsx';

export function Side({ page }: { page: Page }): JSX.Element {
  const route = useCell(page.route);
  const opened = useCell(page.opened);
  const fatal = useCell(page.fatal);
  if (route.view.kind === 'builds' || (fatal && !opened?.alone))
    return (
      <aside class="side">
        <Builds page={page} />
      </aside>
    );
  if (!opened) return <aside class="side" aria-busy="true" />;
  return (
    <aside class="side">
      {!opened.alone && (
        <a class="row link" href={hrefOf(page, { kind: 'builds' })} onClick={go(page, { kind: 'builds' })}>
          <Icon name="left" /> All builds <span class="grow" />
          <kbd aria-hidden="true">1</kbd>
        </a>
      )}
      <Views page={page} />
      <JobsHead page={page} />
      <Tree page={page} />
    </aside>
  );
}

function hrefOf(page: Page, view: View): string {
  return page.href(view);
}

function go(page: Page, view: View): (event: MouseEvent) => void {
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    page.goView(view);
  };
}

function Views({ page }: { page: Page }): JSX.Element {
  const { view } = useCell(page.route);
  const summary = useCell(page.summary);
  const problems = summary?.problems;
  const count = problems && problems.errors + problems.warnings;
  const link = (
    kind: 'summary' | 'build' | 'problems' | 'timeline',
    name: string,
    icon: IconName,
    aside = '',
  ) => (
    <li key={kind}>
      <a
        class={`row link${view.kind === kind ? ' chosen' : ''}`}
        href={hrefOf(page, { kind })}
        onClick={go(page, { kind })}
        {...(view.kind === kind && { 'aria-current': 'page' as const })}
      >
        <Icon name={icon} />
        {name}
        <span class="grow" />
        <span class="soft">{aside}</span>
      </a>
    </li>
  );
  return (
    <nav aria-label="Views of the build">
      <ul>
        {link('summary', 'Summary', 'summary')}
        {link('build', 'Whole log', 'log')}
        {link('problems', 'Problems', 'problems', count ? count.toLocaleString('en') : '')}
        {link('timeline', 'Timeline', 'timeline')}
      </ul>
    </nav>
  );
}

function JobsHead({ page }: { page: Page }): JSX.Element {
  const asked = useCell(page.treeAsked);
  const tree = useCell(page.tree);
  const list = (change: Partial<TreeAsked>): void => void page.listJobs({ ...asked, ...change });
  const flat = [asked.filter, asked.failed, asked.running, asked.slow].some(Boolean);
  return (
    <div class="jobs-head">
      <div class="title-row">
        <h2>Jobs</h2>
        <span class="soft">
          {flat
            ? `${tree.rows.toLocaleString('en')} of ${tree.jobs.toLocaleString('en')}`
            : tree.jobs.toLocaleString('en')}
        </span>
        <span class="grow" />
        <Tool icon="fold" name="Fold all" action="foldAll" click={() => void page.fold(undefined, true)} />
        <Tool
          icon="unfold"
          name="Unfold all"
          action="unfoldAll"
          click={() => void page.fold(undefined, false)}
        />
      </div>
      <div class="filter-row">
        <FilterField
          id="filter"
          label="Filter the jobs by words"
          value={asked.filter ?? ''}
          list="#jobs"
          set={(filter) => list({ filter })}
        />
        <Chip
          name="Failed"
          title={`Only what failed (${keyOf('failedOnly')})`}
          on={asked.failed}
          click={() => list({ failed: !asked.failed })}
        />
        <Chip
          name="Slow"
          title={`What took longest first (${keyOf('slowFirst')})`}
          on={asked.slow}
          click={() => list({ slow: !asked.slow })}
        />
        <Running page={page} list={list} />
      </div>
    </div>
  );
}

function Running({
  page,
  list,
}: {
  page: Page;
  list: (change: Partial<TreeAsked>) => void;
}): JSX.Element | null {
  const opened = useCell(page.opened);
  const { running } = useCell(page.treeAsked);
  if (opened?.state !== 'running' && !running) return null;
  return (
    <Chip
      name="Running"
      title={`Only what runs (${keyOf('runningOnly')})`}
      on={running}
      click={() => list({ running: !running })}
    />
  );
}
