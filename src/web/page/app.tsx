// The page as a whole: the header, the side, the view of the address; keys and what is said over it all.

import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useCell } from './cell.ts';
import { DocumentView } from './documentview.tsx';
import { FindView } from './findview.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { Icon } from './icons.tsx';
import { JobPage } from './jobview.tsx';
import { listenToKeys } from './keyboard.ts';
import { Message } from './message.tsx';
import type { Page } from './page.ts';
import { ProblemsView } from './problems.tsx';
import { isJobRoute } from './router.ts';
import { Side } from './side.tsx';
import { SummaryView } from './summary.tsx';
import { TimelineView } from './timeline.tsx';

export function App({ page }: { page: Page }): JSX.Element {
  const side = useCell(page.sideShown);
  const drawer = useCell(page.drawer);
  const opened = useCell(page.opened);
  const fatal = useCell(page.fatal);
  useEffect(() => listenToKeys(page), [page]);
  const alone = fatal !== undefined && !opened;
  return (
    <div class={`app${side && !alone ? '' : ' without-side'}${drawer ? ' with-drawer' : ''}`}>
      <Header page={page} />
      <Notices page={page} />
      <div class="body">
        <Side page={page} />
        {drawer && <div class="shade" onClick={() => (page.drawer.value = false)} />}
        <main>
          <Main page={page} />
        </main>
      </div>
      <Help page={page} />
      <ToastView page={page} />
    </div>
  );
}

function Main({ page }: { page: Page }): JSX.Element {
  const { view } = useCell(page.route);
  const opened = useCell(page.opened);
  const fatal = useCell(page.fatal);
  if (fatal) return <Fatal fatal={fatal} />;
  if (!opened) return <Loading page={page} />;
  if (isJobRoute(view)) return <JobPage page={page} kind={view.kind} />;
  switch (view.kind) {
    case 'build':
      return <DocumentView page={page} />;
    case 'problems':
      return <ProblemsView page={page} />;
    case 'timeline':
      return <TimelineView page={page} />;
    case 'find':
      return <FindView page={page} pattern={view.pattern} />;
    case 'summary':
    case 'builds':
      return <SummaryView page={page} />;
  }
}

function Fatal({
  fatal: { message, unexpected },
}: {
  fatal: { message: string; unexpected: boolean };
}): JSX.Element {
  const none = /no builds? (?:are|is|were) recorded|no build/i.test(message);
  if (none)
    return (
      <Message icon="builds" title="No builds yet">
        <p class="soft">
          Put <code class="mono">loglin</code> before a build command, for instance{' '}
          <code class="mono">loglin make -j8</code>; it will be here while it runs.
        </p>
      </Message>
    );
  return (
    <Message
      icon="damaged"
      title={unexpected ? 'loglin has a fault' : 'This build cannot be shown'}
      text={message}
      bad
    />
  );
}

function Loading({ page }: { page: Page }): JSX.Element {
  const loaded = useCell(page.loaded);
  return (
    <div class="message" role="status" aria-busy="true">
      <progress aria-label="Reading the build" max={1} {...(loaded > 0 && { value: loaded })} />
      <p class="soft">Reading the build…</p>
    </div>
  );
}

/** What holds for all views: the connection, and what is wrong with the record. */
function Notices({ page }: { page: Page }): JSX.Element | null {
  const offline = useCell(page.offline);
  const gone = useCell(page.gone);
  const opened = useCell(page.opened);
  const problems = opened?.problems ?? [];
  if (offline === undefined && gone === undefined && problems.length === 0) return null;
  return (
    <div class="notices">
      {offline !== undefined && (
        <p class="notice amber-notice" role="status">
          <Icon name="problems" /> {offline}; it is tried again
        </p>
      )}
      {gone !== undefined && (
        <p class="notice amber-notice" role="status">
          <Icon name="problems" /> {gone}
        </p>
      )}
      {problems.slice(0, 3).map((problem) => (
        <p key={problem} class="notice red-notice" role="alert">
          <Icon name="problems" /> {problem}
        </p>
      ))}
    </div>
  );
}

function ToastView({ page }: { page: Page }): JSX.Element {
  const toast = useCell(page.toast);
  return (
    <div class="toast-place" role="status" aria-live="polite">
      {toast && <div class={`toast${toast.bad ? ' bad' : ''}`}>{toast.text}</div>}
    </div>
  );
}
