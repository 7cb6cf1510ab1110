// The row of tools above a document: search, and what is done with lines.

import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { byteCount } from '../../render/formats.ts';
import { useCell } from './cell.ts';
import { Icon, type IconName } from './icons.tsx';
import { type Action, keyOf } from './keys.ts';
import type { LogActions } from './logactions.ts';
import type { Page } from './page.ts';

/** The pause in typing after which a large log is searched. */
const PAUSE_MS = 120;

export function LogTools({ page, actions }: { page: Page; actions: LogActions }): JSX.Element {
  const wrap = useCell(page.wrap);
  const numbers = useCell(page.numbers);
  const { lines, length, grows } = actions.scroller.state;
  return (
    <div class="tools">
      <Find actions={actions} />
      <span class="soft facts-of-log" role="status">
        {lines === undefined
          ? `${byteCount(length)}B`
          : `${lines.toLocaleString('en')} ${lines === 1 ? 'line' : 'lines'}`}
      </span>
      <span class="grow" />
      {grows && (
        <Tool
          icon="follow"
          name="Follow"
          action="follow"
          pressed={actions.following}
          click={() => actions.act('follow')}
        />
      )}
      <Tool icon="wrap" name="Wrap lines" action="wrap" pressed={wrap} click={() => page.wrap.toggle()} />
      <Tool
        icon="hash"
        name="Line numbers"
        action="numbers"
        pressed={numbers}
        click={() => page.numbers.toggle()}
      />
      <Tool icon="copy" name="Copy all" click={() => void actions.copyAll()} />
      <Tool icon="download" name="Download" action="download" click={() => void actions.download()} />
    </div>
  );
}

interface ToolProps {
  readonly icon: IconName;
  readonly name: string;
  readonly action?: Action;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly click: () => void;
}

/** A button with a picture; its name is told to those who point at it or do not see it. */
export function Tool({ icon, name, action, pressed, disabled, click }: ToolProps): JSX.Element {
  return (
    <button
      type="button"
      class="button icon"
      aria-label={name}
      title={action === undefined ? name : `${name} (${keyOf(action)})`}
      {...(pressed !== undefined && { 'aria-pressed': pressed })}
      disabled={disabled ?? false}
      onClick={click}
    >
      <Icon name={icon} />
    </button>
  );
}

function Find({ actions }: { actions: LogActions }): JSX.Element {
  const timer = useRef(0);
  const field = useRef<HTMLInputElement>(null);
  const { matches, badPattern, scroller } = actions;
  const search = (pattern: string): void => {
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => void actions.search(pattern), PAUSE_MS);
  };
  const keyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') {
      clearTimeout(timer.current);
      const pattern = field.current!.value;
      void (pattern === scroller.pattern ? actions.nextMatch(!event.shiftKey) : actions.search(pattern));
    } else if (event.key === 'Escape') {
      clearTimeout(timer.current);
      field.current!.value = '';
      void actions.search('');
      document.querySelector<HTMLElement>('#log')?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const found = foundText(scroller.pattern, matches, badPattern);
  return (
    <div class="field find">
      <Icon name="search" />
      <input
        id="find"
        ref={field}
        type="search"
        placeholder="Search this text  /"
        aria-label="Search this text: a regular expression"
        aria-invalid={badPattern !== undefined}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => search(event.currentTarget.value)}
        onKeyDown={keyDown}
      />
      <span class={`found${badPattern === undefined ? '' : ' red'}`} role="status" title={badPattern ?? ''}>
        {found}
      </span>
      {scroller.pattern !== '' && (
        <>
          <Step icon="up" name="Match before" click={() => actions.act('previousMatch')} />
          <Step icon="down" name="Next match" click={() => actions.act('nextMatch')} />
        </>
      )}
    </div>
  );
}

function Step({ icon, name, click }: { icon: IconName; name: string; click: () => void }): JSX.Element {
  return (
    <button type="button" class="step" aria-label={name} title={name} onClick={click}>
      <Icon name={icon} size={14} />
    </button>
  );
}

function foundText(pattern: string, matches: LogActions['matches'], bad: string | undefined): string {
  if (bad !== undefined) return 'not a pattern';
  if (pattern === '' || !matches) return '';
  const { lines, done, before } = matches;
  const all = `${lines.toLocaleString('en')}${done ? '' : '+'}`;
  return before === undefined || lines === 0 ? all : `${Math.min(before + 1, lines)} of ${all}`;
}
