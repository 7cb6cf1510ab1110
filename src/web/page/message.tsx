// A state in place of contents: nothing there, something wrong, not yet.

import type { ComponentChildren, JSX } from 'preact';
import { Icon, type IconName } from './icons.tsx';

interface Props {
  readonly icon: IconName;
  readonly title: string;
  readonly text?: string;
  readonly bad?: boolean;
  readonly children?: ComponentChildren;
}

export function Message({ icon, title, text, bad, children }: Props): JSX.Element {
  return (
    <div class="message" role={bad ? 'alert' : 'status'}>
      <span class={bad ? 'red' : 'soft'}>
        <Icon name={icon} size={32} />
      </span>
      <h2>{title}</h2>
      {text && <p class="soft">{text}</p>}
      {children}
    </div>
  );
}
