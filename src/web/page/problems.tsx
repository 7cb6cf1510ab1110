// All errors and warnings of the build.

import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { ProblemRow } from '../protocol.ts';
import { useCell } from './cell.ts';
import { copyText } from './clipboard.ts';
import { FilterField } from './filterfield.tsx';
import { Icon } from './icons.tsx';
import type { Action } from './keys.ts';
import { List, moved } from './list.tsx';
import { counted } from './marks.ts';
import { Message } from './message.tsx';
import type { Page } from './page.ts';
import { Pages } from './pages.ts';
import { Chip } from './chip.tsx';

type Severity = ProblemRow['severity'];

export function ProblemsView({ page }: { page: Page }): JSX.Element {
  const [filter, setFilter] = useState('');
  const [severity, setSeverity] = useState<Severity | undefined>(undefined);
  const [known, setKnown] = useState<{ total: number; done: boolean } | undefined>(undefined);
  const [cursor, setCursor] = useState(-1);
  const [, draw] = useState(0);
  const summary = useCell(page.summary);
  const rows = useMemo(
    () =>
      new Pages<ProblemRow>(
        async (from, count) => {
          const asked = { from, count, filter, ...(severity && { severity }) };
          const { total, done, list } = await page.engine.ask('problems', asked);
          setKnown({ total, done });
          return list;
        },
        () => draw((times) => times + 1),
      ),
    [page, filter, severity],
  );
  useEffect(() => {
    rows.renew();
    rows.need(0, 1);
  }, [rows, summary?.problems]);
  const open = (row: ProblemRow | undefined): void => {
    if (row) void page.showJob(row.job, { position: { job: row.job, byte: row.byte } });
  };
  const total = known?.total ?? 0;
  const act = (action: Action): boolean => {
    const to = moved(action, cursor, total);
    if (to !== undefined) setCursor(to);
    else if (action === 'open') void rows.get(cursor).then(open);
    else if (action === 'copy') void copyProblem(page, rows.at(cursor));
    else if (action === 'find') document.querySelector<HTMLElement>('#problem-filter')?.focus();
    else return false;
    return true;
  };
  useLayoutEffect(() => page.handle('main', act));
  return (
    <section class="list-view" aria-label="Problems">
      <Tools
        setFilter={setFilter}
        severity={severity}
        setSeverity={setSeverity}
        summary={summary?.problems}
      />
      {known?.total === 0 && <Nothing known={known} filtered={filter !== '' || severity !== undefined} />}
      <List
        id="log"
        pane="main"
        role="listbox"
        label="Problems"
        count={total}
        rowHeight="--problem-row"
        cursor={cursor}
        active={cursor < 0 ? undefined : `problem-${cursor}`}
        need={(from, to) => rows.need(from, to)}
        row={(index, slot) => (
          <Problem key={slot} index={index} row={rows.at(index)} chosen={index === cursor} open={open} />
        )}
      />
    </section>
  );
}

async function copyProblem(page: Page, row: ProblemRow | undefined): Promise<void> {
  if (!row) return;
  const text = `${row.where ?? row.tool}: ${row.severity}: ${row.message}`;
  page.say((await copyText(text)) ? 'The problem copied' : 'The browser does not let the page copy');
}

function Nothing(props: { known: { done: boolean }; filtered: boolean }): JSX.Element {
  if (props.filtered) return <Message icon="search" title="Nothing fits" />;
  if (!props.known.done) return <Message icon="clock" title="The logs are being read" />;
  return <Message icon="ok" title="No errors, no warnings" />;
}

interface ToolsProps {
  readonly setFilter: (filter: string) => void;
  readonly severity: Severity | undefined;
  readonly setSeverity: (severity: Severity | undefined) => void;
  readonly summary:
    { readonly errors: number; readonly warnings: number; readonly more: boolean } | undefined;
}

function Tools({ setFilter, severity, setSeverity, summary }: ToolsProps): JSX.Element {
  const { errors = 0, warnings = 0 } = summary ?? {};
  const toggle = (one: Severity): void => setSeverity(severity === one ? undefined : one);
  return (
    <div class="tools">
      <FilterField
        id="problem-filter"
        label="Filter the problems by words"
        placeholder="Filter  /"
        class="find"
        list="#log"
        set={setFilter}
      />
      <Chip
        name={counted(errors, 'error')}
        title="Only errors"
        on={severity === 'error'}
        click={() => toggle('error')}
      />
      <Chip
        name={counted(warnings, 'warning')}
        title="Only warnings"
        on={severity === 'warning'}
        click={() => toggle('warning')}
      />
      {summary?.more && <span class="soft">not all was read</span>}
    </div>
  );
}

interface ProblemProps {
  readonly index: number;
  readonly row: ProblemRow | undefined;
  readonly chosen: boolean;
  readonly open: (row: ProblemRow) => void;
}

function Problem({ index, row, chosen, open }: ProblemProps): JSX.Element {
  if (!row) return <div class="problem" role="presentation" />;
  const { severity, message, where, tool, code, jobName, jobs, isNew } = row;
  return (
    <div
      id={`problem-${index}`}
      class={`problem${chosen ? ' chosen' : ''}`}
      role="option"
      aria-selected={chosen}
      onClick={() => open(row)}
      title={message}
    >
      <span class={severity === 'error' ? 'red' : 'amber'}>
        <Icon name={severity === 'error' ? 'failed' : 'problems'} />
      </span>
      <span class="hidden-text">{severity}</span>
      <div class="grow">
        <div class="cut">
          {message}
          {isNew && <span class="badge">new</span>}
        </div>
        <div class="cut soft small">
          <span class="mono">{where ?? tool}</span>
          {code !== undefined && <span class="mono"> · {code}</span>} · {jobName}
          {jobs > 1 && ` and ${counted(jobs - 1, 'other job')}`}
        </div>
      </div>
    </div>
  );
}
