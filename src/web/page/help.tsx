// The help: the table of keys, and what the marks mean.

import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useCell } from './cell.ts';
import { Icon, MARK_WORDS, Mark, type MarkKind } from './icons.tsx';
import { KEYS, keyName } from './keys.ts';
import type { Page } from './page.ts';

const MARKS: readonly MarkKind[] = ['ok', 'failed', 'running', 'ignored', 'interrupted', 'past'];

export function Help({ page }: { page: Page }): JSX.Element | null {
  const shown = useCell(page.help);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current!;
    if (shown && !element.open) element.showModal();
    else if (!shown && element.open) element.close();
  }, [shown]);
  return (
    <dialog
      ref={dialog}
      class="help"
      aria-label="Keys and marks"
      onClose={() => (page.help.value = false)}
      onClick={(event) => event.target === dialog.current && (page.help.value = false)}
    >
      <header>
        <h1>Keys</h1>
        <button
          type="button"
          class="button icon"
          aria-label="Close"
          onClick={() => (page.help.value = false)}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="help-columns" tabIndex={0} role="region" aria-label="Keys">
        {KEYS.map(({ title, keys }) => (
          <section key={title}>
            <h2>{title}</h2>
            <dl>
              {keys.map(({ keys: names, help, action }) => (
                <div key={action}>
                  <dt>
                    {names.map((name) => (
                      <kbd key={name}>{keyName(name)}</kbd>
                    ))}
                  </dt>
                  <dd>{help}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h2>Marks</h2>
          <dl>
            {MARKS.map((kind) => (
              <div key={kind}>
                <dt>
                  <Mark kind={kind} />
                </dt>
                <dd>{MARK_WORDS[kind]}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </dialog>
  );
}
