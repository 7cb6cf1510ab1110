// The list of builds: by day, filtered by words or to those that failed.

import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { dayName, duration, timeOfDay } from '../../render/formats.ts';
import type { BuildRow } from '../protocol.ts';
import { useCell } from './cell.ts';
import { FilterField } from './filterfield.tsx';
import { Mark } from './icons.tsx';
import type { Action } from './keys.ts';
import { List, moved } from './list.tsx';
import { counted, markOf } from './marks.ts';
import { type Page, messageOf } from './page.ts';
import { Pages } from './pages.ts';
import { Chip } from './chip.tsx';

export function Builds({ page }: { page: Page }): JSX.Element {
  const [filter, setFilter] = useState('');
  const [failed, setFailed] = useState(false);
  const { rows, total, error } = useBuilds(page, filter, failed);
  return (
    <>
      <div class="jobs-head">
        <div class="title-row">
          <h2>Builds</h2>
          <span class="soft">{total?.toLocaleString('en') ?? ''}</span>
        </div>
        <div class="filter-row">
          <FilterField id="build-filter" label="Filter the builds by words" list="#builds" set={setFilter} />
          <Chip
            name="Failed"
            title="Only builds that failed (f)"
            on={failed}
            click={() => setFailed(!failed)}
          />
        </div>
      </div>
      {error !== undefined && (
        <p class="notice red-notice" role="alert">
          {error}
        </p>
      )}
      {total === 0 ? (
        <p class="empty" role="status">
          {filter !== '' || failed ? 'No build fits' : 'No builds are recorded'}
        </p>
      ) : (
        <BuildList page={page} rows={rows} total={total ?? 0} toggleFailed={() => setFailed(!failed)} />
      )}
    </>
  );
}

interface FetchedBuilds {
  readonly rows: Pages<BuildRow>;
  readonly total: number | undefined;
  readonly error: string | undefined;
}

function useBuilds(page: Page, filter: string, failed: boolean): FetchedBuilds {
  const [known, setKnown] = useState<{ total?: number; error?: string }>({});
  const [, draw] = useState(0);
  const changed = useCell(page.buildsChanged);
  const fetch = async (from: number, count: number): Promise<readonly BuildRow[]> => {
    try {
      const builds = await page.engine.ask('builds', { from, count, filter, failed });
      setKnown({ total: builds.total });
      return builds.rows;
    } catch (reason) {
      setKnown({ error: messageOf(reason) });
      throw reason;
    }
  };
  const rows = useMemo(() => new Pages(fetch, () => draw((times) => times + 1)), [filter, failed]);
  useEffect(() => {
    rows.renew();
    rows.need(0, 1);
  }, [rows, changed]);
  return { rows, total: known.total, error: known.error };
}

interface BuildListProps {
  readonly page: Page;
  readonly rows: Pages<BuildRow>;
  readonly total: number;
  readonly toggleFailed: () => void;
}

function BuildList({ page, rows, total, toggleFailed }: BuildListProps): JSX.Element {
  const [cursor, setCursor] = useState(-1);
  const opened = useCell(page.opened);
  /** The row may not have come yet. If it cannot be had, the list says so. */
  const open = (index: number): Promise<void> =>
    rows.get(index).then(
      (row) => row && page.showBuild(row),
      () => undefined,
    );
  const act = (action: Action): boolean => {
    const to = moved(action, cursor, total);
    if (to !== undefined) setCursor(to);
    else if (action === 'open' && cursor >= 0) void open(cursor);
    else if (action === 'failedOnly') toggleFailed();
    else if (action === 'find') document.querySelector<HTMLElement>('#build-filter')?.focus();
    else return false;
    return true;
  };
  useLayoutEffect(() => page.handle('builds', act));
  return (
    <List
      id="builds"
      pane="builds"
      role="listbox"
      label="Builds"
      count={total}
      rowHeight="--build-row"
      cursor={cursor}
      active={cursor < 0 ? undefined : `build-${cursor}`}
      need={(from, to) => rows.need(from, to)}
      row={(index, slot) => (
        <Build
          key={slot}
          index={index}
          row={rows.at(index)}
          chosen={index === cursor || (cursor < 0 && rows.at(index)?.id === opened?.build.id)}
          click={(row) => page.showBuild(row)}
        />
      )}
    />
  );
}

interface BuildProps {
  readonly index: number;
  readonly row: BuildRow | undefined;
  readonly chosen: boolean;
  readonly click: (row: BuildRow) => void;
}

function Build({ index, row, chosen, click }: BuildProps): JSX.Element {
  if (!row) return <div class="build" role="presentation" />;
  const time = timeOfDay(new Date(row.at));
  return (
    <div
      id={`build-${index}`}
      class={`build${chosen ? ' chosen' : ''}`}
      role="option"
      aria-selected={chosen}
      onClick={() => click(row)}
      title={row.id}
    >
      <Mark kind={markOf(row.standing)} />
      <div class="grow">
        <div class="cut mono">{row.command}</div>
        <div class="cut soft small">
          {dayName(row.at, Date.now())} {time} · {counted(row.jobs, 'job')}
          {row.failed > 0 && <span class="red"> · {row.failed.toLocaleString('en')} failed</span>}
        </div>
      </div>
      <span class="soft took">{duration(row.ms)}</span>
    </div>
  );
}
