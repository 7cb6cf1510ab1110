// The field above a list that keeps those rows that fit: Enter and the arrow lead from it to the list, Escape
// takes it back.

import type { JSX } from 'preact';
import { Icon } from './icons.tsx';

interface Props {
  readonly id: string;
  readonly label: string;
  readonly placeholder?: string;
  readonly value?: string;
  readonly class?: string;
  /** The selector of the list. */
  readonly list: string;
  readonly set: (filter: string) => void;
}

export function FilterField(props: Props): JSX.Element {
  const { id, label, placeholder = 'Filter', value, list, set } = props;
  const keyDown = (event: KeyboardEvent & { currentTarget: HTMLInputElement }): void => {
    if (event.key === 'Escape') {
      event.currentTarget.value = '';
      set('');
    } else if (event.key !== 'Enter' && event.key !== 'ArrowDown') return;
    document.querySelector<HTMLElement>(list)?.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class={`field ${props.class ?? 'grow'}`}>
      <Icon name="search" />
      <input
        id={id}
        type="search"
        placeholder={placeholder}
        aria-label={label}
        autocomplete="off"
        spellcheck={false}
        {...(value !== undefined && { value })}
        onInput={(event) => set(event.currentTarget.value)}
        onKeyDown={keyDown}
      />
    </div>
  );
}
