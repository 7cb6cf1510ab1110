// Which build a diff is with: the one in which the job ran last, or one that is chosen.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { dayAndTime } from '../../render/formats.ts';
import type { BuildRow } from '../protocol.ts';
import { useCell } from './cell.ts';
import type { Page } from './page.ts';

/** So many builds can be chosen from. */
const MOST = 200;

const WORDS: Partial<Record<BuildRow['standing'], string>> = { failed: 'failed', interrupted: 'interrupted' };

export function Against({ page }: { page: Page }): JSX.Element | null {
  const opened = useCell(page.opened);
  const { view } = useCell(page.route);
  const changed = useCell(page.buildsChanged);
  const [rows, setRows] = useState<readonly BuildRow[]>([]);
  const alone = opened?.alone !== false;
  useEffect(() => {
    if (alone) return;
    page.engine.ask('builds', { from: 0, count: MOST }, 'against').then(
      (builds) => setRows(builds.rows),
      () => undefined,
    );
  }, [alone, changed]);
  if (alone || view.kind !== 'diff') return null;
  const chosen = view.with ?? '';
  const others = rows.filter(({ id }) => id !== opened.build.id);
  return (
    <div class="against">
      <label for="against" class="soft">
        Compared with
      </label>
      <select
        id="against"
        value={chosen}
        onChange={({ currentTarget: { value } }) => page.compareWith(value === '' ? undefined : value)}
      >
        <option value="">its last run before</option>
        {chosen !== '' && !others.some(({ id }) => id === chosen) && <option value={chosen}>{chosen}</option>}
        {others.map(({ id, at, command, standing }) => (
          <option key={id} value={id}>
            {[dayAndTime(new Date(at)), WORDS[standing], command].filter(Boolean).join(' · ')}
          </option>
        ))}
      </select>
    </div>
  );
}
