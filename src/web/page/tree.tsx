// The jobs as a tree: its rows, and what keys and clicks do there.

import { Component, type JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { byteCount, duration } from '../../render/formats.ts';
import type { TreeRow } from '../protocol.ts';
import { useCell } from './cell.ts';
import { PathName } from './pathname.tsx';
import { copyText } from './clipboard.ts';
import { Icon, Mark } from './icons.tsx';
import type { Action } from './keys.ts';
import { List } from './list.tsx';
import { counted, markOf } from './marks.ts';
import { type Page, messageOf } from './page.ts';
import { Pages } from './pages.ts';

const PAGE_ROWS = 20;
/** The cursor rests for so long before what it is on is shown. */
const REST_MS = 90;

export function Tree({ page }: { page: Page }): JSX.Element {
  const [, draw] = useState(0);
  const tree = useCell(page.tree);
  const cursor = useCell(page.row);
  const shownJob = useCell(page.job);
  const asked = useCell(page.treeAsked);
  const rows = useMemo(
    () =>
      new Pages<TreeRow>(
        async (from, count) => (await page.engine.ask('rows', { from, count })).list,
        () => draw((times) => times + 1),
      ),
    [page],
  );
  // With the summary, errors, warnings and the critical path are known of more jobs.
  const summary = useCell(page.summary);
  // In the same step as the rows are drawn: what is clicked then knows that they may be others.
  useLayoutEffect(() => rows.renew(), [rows, tree.revision, tree.rows, tree, summary]);
  const actions = useMemo(() => new TreeActions(page, rows), [page, rows]);
  useEffect(() => page.handle('jobs', (action) => actions.act(action)), [page, actions]);
  const chosen = rows.at(cursor);
  if (tree.rows === 0)
    return (
      <p class="empty" role="status">
        {asked.failed || asked.running || asked.filter ? 'No job fits' : 'No jobs'}
      </p>
    );
  return (
    <List
      id="jobs"
      pane="jobs"
      role="tree"
      label="Jobs"
      count={tree.rows}
      rowHeight="--row"
      cursor={cursor}
      active={chosen && `row-${cursor}`}
      need={(from, to) => rows.need(from, to)}
      row={(index, slot) => (
        <Row
          key={slot}
          index={index}
          row={rows.at(index)}
          chosen={index === cursor}
          shown={shownJob !== undefined && rows.at(index)?.job === shownJob.job}
          actions={actions}
          total={tree.rows}
        />
      )}
    />
  );
}

interface RowProps {
  readonly index: number;
  readonly row: TreeRow | undefined;
  readonly chosen: boolean;
  readonly shown: boolean;
  readonly total: number;
  readonly actions: TreeActions;
}

/** Drawn again only when it differs from what is there: a scroll moves dozens of them. */
class Row extends Component<RowProps> {
  /** What was shown last stays, unseen, until the row is here: elements are filled faster than made. */
  #last: TreeRow | undefined;

  override shouldComponentUpdate(next: RowProps): boolean {
    const { index, row, chosen, shown, total, actions } = this.props;
    return (
      index !== next.index ||
      row !== next.row ||
      chosen !== next.chosen ||
      shown !== next.shown ||
      total !== next.total ||
      actions !== next.actions
    );
  }

  override render(): JSX.Element {
    this.#last = this.props.row ?? this.#last;
    return jobRow(this.props, this.#last);
  }
}

function jobRow({ index, row: known, chosen, shown, total, actions }: RowProps, row?: TreeRow): JSX.Element {
  if (!row) return <div class="row" role="presentation" />;
  const { kind, name, depth, children, folded, standing, status, critical } = row;
  return (
    <div
      id={`row-${index}`}
      class={`row job${known ? '' : ' unknown'}${chosen ? ' chosen' : ''}${shown ? ' shown' : ''}${kind === 'job' ? '' : ' reference'}`}
      role="treeitem"
      aria-level={depth + 1}
      aria-setsize={total}
      aria-posinset={index + 1}
      aria-selected={chosen}
      {...(children && { 'aria-expanded': !folded })}
      style={{ paddingInlineStart: `calc(var(--s2) + ${Math.min(depth, 24)} * var(--indent))` }}
      onClick={() => void actions.choose(index)}
      title={status === '' ? name : `${name}: ${status}`}
    >
      <span
        class={`twist${children ? '' : ' none'}`}
        aria-hidden="true"
        onClick={(event) => {
          event.stopPropagation();
          if (children) void actions.toggle(index, row);
        }}
      >
        {children && <Icon name={folded ? 'right' : 'down'} size={14} />}
      </span>
      {kind === 'seen' ? <span class="mark soft">↑</span> : <Mark kind={markOf(standing)} />}
      <PathName name={name} />
      {critical && (
        <span class="critical" title="on the critical path" role="img" aria-label="on the critical path" />
      )}
      <span class="grow" />
      <Counts row={row} />
    </div>
  );
}

function Counts({
  row: { errors, warnings, bytes, from, to, kind, failedBelow, folded },
}: {
  row: TreeRow;
}): JSX.Element {
  if (kind !== 'job') return <span class="soft took">{kind === 'seen' ? 'shown above' : 'did not run'}</span>;
  return (
    <>
      {failedBelow && folded && <span class="count red">failed below</span>}
      {errors > 0 && (
        <span class="count red" title={counted(errors, 'error')}>
          {errors}
          <span class="hidden-text"> errors</span>
        </span>
      )}
      {warnings > 0 && (
        <span class="count amber" title={counted(warnings, 'warning')}>
          {warnings}
          <span class="hidden-text"> warnings</span>
        </span>
      )}
      <span class="soft bytes">{byteCount(bytes)}</span>
      <span class="soft took">{to === undefined ? '' : duration(to - from)}</span>
    </>
  );
}

class TreeActions {
  readonly #page: Page;
  readonly #rows: Pages<TreeRow>;
  #timer = 0;

  constructor(page: Page, rows: Pages<TreeRow>) {
    this.#page = page;
    this.#rows = rows;
  }

  /** Goes to a row, and shows its job. @param rest only once the cursor rests there. */
  async choose(index: number, rest = false): Promise<void> {
    const page = this.#page;
    if (page.tree.value.rows === 0) return;
    const at = Math.max(0, Math.min(index, page.tree.value.rows - 1));
    page.row.value = at;
    clearTimeout(this.#timer);
    const { journeys } = page;
    const row = await this.#rows.get(at);
    const { job, kind } = row ?? {};
    if (job === undefined || page.row.value !== at) return;
    const show = (): void => {
      // The reader has gone elsewhere meanwhile.
      if (page.journeys !== journeys) return;
      void page.showJob(job, { replace: rest, reveal: kind === 'seen' && !rest });
    };
    if (rest) this.#timer = window.setTimeout(show, REST_MS);
    else show();
  }

  /** Folds or unfolds a row. What is drawn may be from before the last time. */
  async toggle(index: number, drawn: TreeRow): Promise<void> {
    const { job } = drawn;
    if (job === undefined) return;
    const now = await this.#rows.fresh(index);
    await this.#page.fold(job, !(now?.job === job ? now : drawn).folded);
  }

  async #left(index: number): Promise<void> {
    const row = await this.#rows.get(index);
    if (!row) return;
    if (row.children && !row.folded) {
      await this.toggle(index, row);
      return;
    }
    for (let above = index - 1; above >= 0; above--) {
      const other = await this.#rows.get(above);
      if (!other || other.depth < row.depth) return this.choose(above, true);
    }
  }

  async #right(index: number): Promise<void> {
    const row = await this.#rows.get(index);
    if (row?.children && row.folded) await this.toggle(index, row);
    else if (row?.children) await this.choose(index + 1, true);
  }

  async #failure(ahead: boolean): Promise<void> {
    const from = this.#page.row.value;
    try {
      const { row } = await this.#page.engine.ask('nextFailure', { from, ahead }, 'nextFailure');
      if (row === undefined) this.#page.say('No job failed');
      else await this.choose(row);
    } catch (error) {
      this.#page.say(messageOf(error), true);
    }
  }

  async #copy(): Promise<void> {
    const row = await this.#rows.get(this.#page.row.value);
    if (row)
      this.#page.say(
        (await copyText(row.name)) ? 'The name copied' : 'The browser does not let the page copy',
      );
  }

  act(action: Action): boolean {
    const { row, tree } = this.#page;
    const at = row.value;
    const acts: Partial<Record<Action, () => unknown>> = {
      down: () => this.choose(at + 1, true),
      up: () => this.choose(Math.max(0, at - 1), true),
      pageDown: () => this.choose(at + PAGE_ROWS, true),
      pageUp: () => this.choose(Math.max(0, at - PAGE_ROWS), true),
      first: () => this.choose(0, true),
      last: () => this.choose(tree.value.rows - 1, true),
      left: () => this.#left(at),
      right: () => this.#right(at),
      open: () => {
        void this.choose(Math.max(0, at));
        document.querySelector<HTMLElement>('#log')?.focus();
      },
      nextFailure: () => this.#failure(true),
      previousFailure: () => this.#failure(false),
      copy: () => this.#copy(),
      find: () => document.querySelector<HTMLInputElement>('#filter')?.focus(),
    };
    const act = acts[action];
    if (!act) return false;
    act();
    return true;
  }
}
