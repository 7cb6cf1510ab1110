// One job: what it is and how it went, then one of its views.

import type { JSX } from 'preact';
import { duration, memorySize } from '../../render/formats.ts';
import type { JobDetails, JobRef } from '../protocol.ts';
import { useCell } from './cell.ts';
import { DocumentView } from './documentview.tsx';
import { Against } from './against.tsx';
import { Mark } from './icons.tsx';
import { markOf } from './marks.ts';
import { Message } from './message.tsx';
import type { Page } from './page.ts';
import type { JobView } from './router.ts';

const TABS: readonly (readonly [JobView, name: string, key: string])[] = [
  ['job', 'Log', ''],
  ['block', 'Block', 'b'],
  ['why', 'Why', 'w'],
  ['diff', 'Diff', 'd'],
];

export function JobPage({ page, kind }: { page: Page; kind: JobView }): JSX.Element {
  const job = useCell(page.job);
  const unknown = useCell(page.unknown);
  if (unknown !== undefined)
    return <Message icon="search" title="No job has this name" text={`This build has no job ${unknown}.`} />;
  return (
    <div class="job-view">
      {job && <Head page={page} job={job} />}
      <div class="tabs" role="tablist" aria-label="What is shown of the job">
        {TABS.map(([one, name, key]) => (
          <button
            key={one}
            type="button"
            role="tab"
            aria-selected={one === kind}
            tabIndex={one === kind ? 0 : -1}
            title={key === '' ? name : `${name} (${key})`}
            onClick={() => page.showView(one)}
            onKeyDown={(event) => tabKey(event, page, kind)}
          >
            {name}
          </button>
        ))}
      </div>
      {kind === 'diff' && <Against page={page} />}
      <DocumentView page={page} />
    </div>
  );
}

function tabKey(event: KeyboardEvent, page: Page, kind: JobView): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  if (step === 0 || !(event.currentTarget instanceof HTMLElement)) return;
  event.preventDefault();
  event.stopPropagation();
  const at = TABS.findIndex(([one]) => one === kind);
  const next = TABS[(at + step + TABS.length) % TABS.length]!;
  page.showView(next[0]);
  const list = event.currentTarget.parentElement;
  (list?.children[TABS.indexOf(next)] as HTMLElement | undefined)?.focus();
}

function Head({ page, job }: { page: Page; job: JobDetails }): JSX.Element {
  const { name, standing, status, ms, to, commands, needs, userMs, sysMs, maxRss } = job;
  const cpu = userMs === undefined ? undefined : userMs + (sysMs ?? 0);
  return (
    <header class="job-head">
      <h1>
        <Mark kind={markOf(standing)} size={18} />
        <span class="cut">{name}</span>
        <span class="soft status">
          {[status, to === undefined ? '' : duration(ms)].filter(Boolean).join(' · ')}
          {cpu !== undefined && ` · ${duration(cpu)} CPU`}
          {maxRss !== undefined && ` · ${memorySize(maxRss / 1024)}`}
        </span>
      </h1>
      {commands[0] !== undefined && (
        <p class="mono soft cut" title={commands.join('\n')}>
          $ {commands[0]}
        </p>
      )}
      {needs.length > 0 && <Needs page={page} needs={needs} />}
    </header>
  );
}

const MOST_NEEDS = 8;

function Needs({ page, needs }: { page: Page; needs: readonly JobRef[] }): JSX.Element {
  const more = needs.length - MOST_NEEDS;
  return (
    <p class="needs soft">
      needs{' '}
      {needs.slice(0, MOST_NEEDS).map(({ job, name, standing }) => (
        <button key={job} type="button" class="need" onClick={() => void page.showJob(job)} title={name}>
          {standing === 'failed' && <Mark kind="failed" size={12} />}
          <span class="cut">{name}</span>
        </button>
      ))}
      {more > 0 && `and ${more} more`}
    </p>
  );
}
