// Opens the document that the page shows, and says what is in the way if it cannot be shown.

import type { JSX } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import type { DocumentState } from '../protocol.ts';
import { useCell } from './cell.ts';
import { LogView } from './logview.tsx';
import { type Page, type Shown, messageOf, sameDocument } from './page.ts';
import { Message } from './message.tsx';

interface Opened {
  readonly asked: Shown['asked'];
  readonly state?: DocumentState;
  readonly error?: string;
}

export function DocumentView({ page }: { page: Page }): JSX.Element {
  const shown = useCell(page.shown);
  const [opened, setOpened] = useState<Opened | undefined>(undefined);
  const key = shown && JSON.stringify(shown.asked);
  useLayoutEffect(() => {
    if (!shown) return;
    const { asked } = shown;
    page.engine.ask('document', asked, 'document').then(
      (state) => setOpened({ asked, state }),
      (error: unknown) => setOpened({ asked, error: messageOf(error) }),
    );
  }, [key]);
  if (!shown || !opened || !sameDocument(opened.asked, shown.asked))
    return <div class="log-view" aria-busy="true" />;
  const { state, error } = opened;
  const unavailable = error ?? state?.unavailable;
  if (unavailable !== undefined || !state)
    return (
      <Message icon="log" title="This cannot be shown" text={unavailable ?? ''} bad={error !== undefined} />
    );
  return <LogView key={state.document} page={page} state={state} shown={shown} />;
}
