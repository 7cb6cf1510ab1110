// The lines of a document, and what one does with them: scroll, move the cursor, search, copy. The screen is
// filled from the scroller's lines; a line's height is measured where lines wrap.

import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { DocumentState } from '../protocol.ts';
import { useCell } from './cell.ts';
import { Kinetics } from './kinetics.ts';
import { LogLine } from './logline.tsx';
import { LogActions } from './logactions.ts';
import { LogTools } from './logtools.tsx';
import type { Page, Shown } from './page.ts';
import { Icon } from './icons.tsx';
import { Scrollbar } from './scrollbar.tsx';
import { fragmentOf } from './router.ts';
import { wheelPixels } from './wheel.ts';

/** Lines around the screen that are drawn, too. */
const AROUND = 16;
const ROW = 20;

interface Props {
  readonly page: Page;
  readonly state: DocumentState;
  readonly shown: Shown;
}

export function LogView({ page, state, shown }: Props): JSX.Element {
  const [, draw] = useState(0);
  const actions = useMemo(
    () => new LogActions(page, state, shown, () => draw((count) => count + 1)),
    [state.document],
  );
  useEffect(() => actions.start(), [actions]);
  useLayoutEffect(() => actions.goTo(shown), [actions, shown]);
  const { document } = actions.scroller.state;
  return (
    <section class="log-view" aria-label={state.title}>
      <LogTools page={page} actions={actions} />
      {actions.scroller.state.warning && (
        <p class="notice amber-notice" role="status">
          <Icon name="problems" /> {actions.scroller.state.warning}
        </p>
      )}
      <Screen key={document} page={page} actions={actions} />
    </section>
  );
}

function Screen({ page, actions }: { page: Page; actions: LogActions }): JSX.Element {
  const theme = useCell(page.themes.theme);
  const wrap = useCell(page.wrap);
  const numbers = useCell(page.numbers);
  const screen = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const { scroller } = actions;
  const { lines, top } = scroller;
  const height = screen.current?.clientHeight ?? 600;
  const first = Math.max(0, top - AROUND);
  const last = Math.min(lines.length, top + Math.ceil(height / actions.rowHeight) + AROUND);
  useLayoutEffect(() => {
    actions.place(screen.current!, rows.current!, first, wrap);
  });
  useScrolling(screen, actions);
  const shownLines = actions.visible(height);
  return (
    <div class="log-frame">
      <div
        id="log"
        ref={screen}
        class={`log${wrap ? ' wrap' : ''}${numbers ? ' numbered' : ''}`}
        role="region"
        aria-label="Text"
        tabIndex={0}
        data-pane="main"
        data-lines={scroller.state.lines ?? ''}
        onClick={(event) => onClick(page, actions, event)}
      >
        <div ref={rows} class="lines">
          {lines.slice(first, last).map((line) => (
            <LogLine
              key={line.offset}
              line={line}
              theme={theme}
              numbers={numbers}
              current={line.offset === actions.cursor}
              linked={actions.isLinked(line)}
              whole={actions.isWhole(line)}
            />
          ))}
        </div>
      </div>
      <Scrollbar
        from={shownLines.from}
        to={shownLines.to}
        length={scroller.state.length}
        ticks={actions.ticks}
        theme={theme}
        controls="log"
        jump={(fraction) => void actions.jumpTo(fraction)}
      />
      {lines.length === 0 && actions.loaded && <Empty state={scroller.state} />}
      {actions.canFollow && (
        <button type="button" class="to-end" onClick={() => actions.act('last')}>
          <Icon name="down" /> Jump to end
        </button>
      )}
    </div>
  );
}

function Empty({ state }: { state: DocumentState }): JSX.Element {
  return <p class="empty">{state.grows ? 'Nothing has been said so far' : 'This log is empty'}</p>;
}

/** A click puts the cursor on a line; one on the number makes it the address, with Shift a range. */
function onClick(page: Page, actions: LogActions, event: MouseEvent): void {
  if (!(event.target instanceof Element)) return;
  const element = event.target.closest<HTMLElement>('.line');
  if (!element) return;
  const line = actions.scroller.lines.find(({ offset }) => offset === Number(element.dataset.offset));
  if (!line) return;
  actions.setCursor(line.offset);
  if (event.target.closest('.rest')) actions.showWhole(line);
  else if (event.target.closest('.number')) {
    if (line.number === undefined) return;
    actions.link(line.number, event.shiftKey);
    const fragment = fragmentOf(page.route.value);
    page.say(`The address is that of this line: ${fragment}`);
  } else if (line.mark && line.job !== undefined && getSelection()?.isCollapsed !== false) actions.open(line);
}

/** The wheel, fingers, and what the browser scrolls itself when a selection is drawn beyond the edge. */
function useScrolling(screen: { current: HTMLDivElement | null }, actions: LogActions): void {
  useEffect(() => {
    const element = screen.current!;
    const still = matchMedia('(prefers-reduced-motion: reduce)');
    const kinetics = new Kinetics(
      (by) => actions.scrollBy(by),
      () => still.matches,
    );
    const wheel = (event: WheelEvent): void => {
      const by = wheelPixels(event, ROW, element.clientHeight);
      if (by === undefined) return;
      event.preventDefault();
      actions.scrollBy(by);
    };
    let y = 0;
    const touchStart = ({ touches, timeStamp }: TouchEvent): void => {
      y = touches[0]!.clientY;
      kinetics.start(timeStamp);
    };
    const touchMove = ({ touches, timeStamp }: TouchEvent): void => {
      kinetics.drag(y - touches[0]!.clientY, timeStamp);
      y = touches[0]!.clientY;
    };
    const touchEnd = ({ timeStamp }: TouchEvent): void => kinetics.release(timeStamp);
    const scrolled = (): void => {
      const by = element.scrollTop;
      if (by === 0) return;
      element.scrollTop = 0;
      actions.scrollBy(by);
    };
    element.addEventListener('wheel', wheel, { passive: false });
    element.addEventListener('touchstart', touchStart, { passive: true });
    element.addEventListener('touchmove', touchMove, { passive: true });
    element.addEventListener('touchend', touchEnd);
    element.addEventListener('scroll', scrolled);
    const watcher = new ResizeObserver(() => actions.resized());
    watcher.observe(element);
    return () => {
      kinetics.stop();
      watcher.disconnect();
      element.removeEventListener('wheel', wheel);
      element.removeEventListener('touchstart', touchStart);
      element.removeEventListener('touchmove', touchMove);
      element.removeEventListener('touchend', touchEnd);
      element.removeEventListener('scroll', scrolled);
    };
  }, [actions]);
}
