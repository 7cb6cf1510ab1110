// A search in the logs of all jobs: its lines, below the job that each is of.

import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { Hit } from '../protocol.ts';
import { useCell } from './cell.ts';
import type { Action } from './keys.ts';
import { List, moved } from './list.tsx';
import { Message } from './message.tsx';
import { type Page, messageOf } from './page.ts';
import { cachedLook } from './ansi.ts';
import { piecesOf } from './textspans.ts';

interface Search {
  readonly hits: readonly Hit[];
  readonly done: boolean;
  readonly searched: number;
  readonly jobs: number;
  readonly error?: string;
}

const NOTHING_YET: Search = { hits: [], done: false, searched: 0, jobs: 0 };

export function FindView({ page, pattern }: { page: Page; pattern: string }): JSX.Element {
  const search = useSearch(page, pattern);
  const [cursor, setCursor] = useState(-1);
  useEffect(() => setCursor(-1), [pattern]);
  const { hits, done, error } = search;
  const open = (hit: Hit | undefined): void => {
    if (hit) void page.showJob(hit.job, { position: { job: hit.job, byte: hit.byte } });
  };
  const act = (action: Action): boolean => {
    const to = moved(action, cursor, hits.length);
    if (to !== undefined) setCursor(to);
    else if (action === 'open') open(hits[cursor]);
    else return false;
    return true;
  };
  useLayoutEffect(() => page.handle('main', act));
  const row = (index: number): JSX.Element => (
    <HitRow key={index} page={page} index={index} hit={hits[index]!} chosen={index === cursor} open={open} />
  );
  return (
    <section class="list-view" aria-label="Lines found">
      <Head pattern={pattern} search={search} />
      {error !== undefined && <Message icon="search" title="That is no pattern" text={error} bad />}
      {error === undefined && done && hits.length === 0 && (
        <Message
          icon="search"
          title="Nothing found"
          text={`No log of this build has a line with ${pattern}`}
        />
      )}
      <List
        id="log"
        pane="main"
        role="listbox"
        label="Lines found"
        count={hits.length}
        rowHeight="--hit-row"
        cursor={cursor}
        active={cursor < 0 ? undefined : `hit-${cursor}`}
        row={row}
      />
    </section>
  );
}

function useSearch(page: Page, pattern: string): Search {
  const [search, setSearch] = useState(NOTHING_YET);
  useEffect(() => {
    setSearch(NOTHING_YET);
    let over = false;
    const end = page.engine.on('hits', ({ pattern: of, from, list, done, searched, jobs }) => {
      if (of === pattern)
        setSearch(({ hits }) => ({ hits: [...hits.slice(0, from), ...list], done, searched, jobs }));
    });
    page.engine.ask('grep', { pattern }, 'grep').then(
      () => {
        if (!over) setSearch((before) => ({ ...before, done: true }));
      },
      (error: unknown) => {
        if (!over) setSearch({ ...NOTHING_YET, done: true, error: messageOf(error) });
      },
    );
    return () => {
      over = true;
      end();
    };
  }, [page, pattern]);
  return search;
}

function Head({
  pattern,
  search: { hits, done, searched, jobs },
}: {
  pattern: string;
  search: Search;
}): JSX.Element {
  const most = hits.length >= 10_000 ? '; more are not listed' : '';
  const state = done
    ? most
    : ` so far, ${searched.toLocaleString('en')} of ${jobs.toLocaleString('en')} jobs searched`;
  return (
    <div class="tools head-of-find" role="status">
      <h1 class="cut">
        <span class="soft">Lines with</span> <span class="mono">{pattern}</span>
      </h1>
      <span class="soft">
        {hits.length.toLocaleString('en')}
        {state}
      </span>
    </div>
  );
}

interface HitProps {
  readonly page: Page;
  readonly index: number;
  readonly hit: Hit;
  readonly chosen: boolean;
  readonly open: (hit: Hit) => void;
}

function HitRow({ page, index, hit, chosen, open }: HitProps): JSX.Element {
  const theme = useCell(page.themes.theme);
  return (
    <div
      id={`hit-${index}`}
      class={`hit${chosen ? ' chosen' : ''}`}
      role="option"
      aria-selected={chosen}
      onClick={() => open(hit)}
    >
      <div class="cut soft small">{hit.jobName}</div>
      <div class="cut mono text">
        {piecesOf(hit.spans, hit.matches).map(({ text, style, match }, i) =>
          match ? (
            <mark key={i}>{text}</mark>
          ) : (
            <span key={i} style={{ ...cachedLook(style, theme) }}>
              {text}
            </span>
          ),
        )}
      </div>
    </div>
  );
}
