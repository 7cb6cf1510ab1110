// A button that keeps rows of one kind, and says whether it does.

import type { JSX } from 'preact';

interface ChipProps {
  readonly name: string;
  readonly title: string;
  readonly on: boolean | undefined;
  readonly click: () => void;
}

export function Chip({ name, title, on, click }: ChipProps): JSX.Element {
  return (
    <button type="button" class="button chip" title={title} aria-pressed={on ?? false} onClick={click}>
      {name}
    </button>
  );
}
