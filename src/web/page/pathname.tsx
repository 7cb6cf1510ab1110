// A name that may be a path: where there is no room, the last part of it stays.

import type { JSX } from 'preact';

export function PathName({ name }: { name: string }): JSX.Element {
  const end = /[^/]*\/?$/.exec(name)?.index ?? 0;
  return (
    <span class="name">
      {end > 0 && <span class="folder cut">{name.slice(0, end)}</span>}
      <span class="base cut">{name.slice(end)}</span>
    </span>
  );
}
