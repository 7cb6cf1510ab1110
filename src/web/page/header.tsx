// The row at the top: which build this is, a search in all of it, the theme, the help.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { dayAndTime, duration, tenths } from '../../render/formats.ts';
import { useCell } from './cell.ts';
import { Icon, type IconName, Mark } from './icons.tsx';
import { Tool } from './logtools.tsx';
import { markOf } from './marks.ts';
import type { Page } from './page.ts';
import type { Choice } from './theme.ts';

const THEME_ICONS: Readonly<Record<Choice, IconName>> = { system: 'system', light: 'sun', dark: 'moon' };
const THEME_WORDS: Readonly<Record<Choice, string>> = {
  system: 'as the system',
  light: 'light',
  dark: 'dark',
};

export function Header({ page }: { page: Page }): JSX.Element {
  const choice = useCell(page.themes.choice);
  const drawer = useCell(page.drawer);
  const opened = useCell(page.opened);
  return (
    <header class="header">
      <button
        type="button"
        class="button icon menu"
        aria-label="Jobs"
        aria-expanded={drawer}
        onClick={() => (page.drawer.value = !drawer)}
      >
        <Icon name="menu" />
      </button>
      <Heading page={page} />
      <Title page={page} />
      <span class="grow" />
      {opened && <FindEverywhere page={page} />}
      <Tool
        icon={THEME_ICONS[choice]}
        name={`Theme: ${THEME_WORDS[choice]}`}
        action="theme"
        click={() => page.themes.next()}
      />
      <Tool icon="help" name="Help" action="help" click={() => (page.help.value = true)} />
    </header>
  );
}

/** What the page is, for those who go from heading to heading. */
function Heading({ page }: { page: Page }): JSX.Element {
  const opened = useCell(page.opened);
  return <h1 class="hidden-text">{opened ? `${opened.build.command} – loglin` : 'loglin'}</h1>;
}

function Title({ page }: { page: Page }): JSX.Element {
  const opened = useCell(page.opened);
  const summary = useCell(page.summary);
  if (!opened) return <span class="strong">loglin</span>;
  const { build, state } = opened;
  return (
    <a
      class="build-title"
      href={page.href({ kind: 'summary' })}
      onClick={(event) => {
        event.preventDefault();
        page.goView({ kind: 'summary' });
      }}
      title={`${build.command}\n${opened.folder}\n${build.id}`}
    >
      <Mark kind={markOf(summary?.standing ?? build.standing)} />
      <span class="mono cut">{build.command}</span>
      <span class="soft when">
        {dayAndTime(new Date(build.at))} ·{' '}
        {state === 'running' ? <Clock at={build.at} /> : duration(summary?.ms ?? build.ms)}
      </span>
    </a>
  );
}

/** How long a build runs already. */
function Clock({ at }: { at: number }): JSX.Element {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return <>{tenths(now - at)}</>;
}

function FindEverywhere({ page }: { page: Page }): JSX.Element {
  const { view } = useCell(page.route);
  const field = useRef<HTMLInputElement>(null);
  const pattern = view.kind === 'find' ? view.pattern : '';
  return (
    <div class="field everywhere">
      <Icon name="search" />
      <input
        id="everywhere"
        ref={field}
        type="search"
        placeholder="Search all logs"
        aria-label="Search the logs of all jobs: a regular expression"
        autocomplete="off"
        spellcheck={false}
        value={pattern}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && event.currentTarget.value !== '')
            page.goView({ kind: 'find', pattern: event.currentTarget.value });
          else if (event.key !== 'Escape') return;
          event.preventDefault();
          event.stopPropagation();
          event.currentTarget.blur();
          document.querySelector<HTMLElement>('#log')?.focus();
        }}
      />
      <kbd aria-hidden="true">*</kbd>
    </div>
  );
}
