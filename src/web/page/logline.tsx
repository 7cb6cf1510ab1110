// One line of a document. It is drawn again only when it differs from what is there, since a scroll moves
// dozens of them.

import { Component, type JSX } from 'preact';
import type { Line } from '../protocol.ts';
import { type Theme, cachedLook } from './ansi.ts';
import { type Piece, piecesOf } from './textspans.ts';

export interface LineProps {
  readonly line: Line;
  readonly theme: Theme;
  /** The line is under the cursor. */
  readonly current: boolean;
  /** A link marks it. */
  readonly linked: boolean;
  readonly numbers: boolean;
}

export class LogLine extends Component<LineProps> {
  override shouldComponentUpdate(next: LineProps): boolean {
    const { line, theme, current, linked, numbers } = this.props;
    return (
      line !== next.line ||
      theme !== next.theme ||
      current !== next.current ||
      linked !== next.linked ||
      numbers !== next.numbers
    );
  }

  override render(): JSX.Element {
    const { line, theme, current, linked, numbers } = this.props;
    return (
      <div class={classOf(line, current, linked)} data-offset={line.offset}>
        {numbers && <Gutter line={line} />}
        <span class="sign" aria-hidden="true" />
        <Text pieces={piecesOf(line.spans, line.matches)} theme={theme} current={current} />
      </div>
    );
  }
}

function classOf({ mark, problem, change }: Line, current: boolean, linked: boolean): string {
  const names = ['line'];
  if (mark) names.push('note');
  if (problem) names.push(problem);
  if (change) names.push(change === '+' ? 'added' : 'gone');
  if (current) names.push('current');
  if (linked) names.push('linked');
  return names.join(' ');
}

/** The number is not text, so that it is not copied with the line. */
function Gutter({ line }: { line: Line }): JSX.Element {
  const number = line.continued ? '' : (line.number?.toString() ?? '·');
  return <span class="number" data-number={number} aria-hidden="true" />;
}

function Text({ pieces, theme, current }: { pieces: Piece[]; theme: Theme; current: boolean }): JSX.Element {
  if (pieces.length === 1 && pieces[0]!.style === '' && !pieces[0]!.match)
    return <span class="text">{pieces[0]!.text}</span>;
  return (
    <span class="text">
      {pieces.map(({ text, style, match }, i) =>
        match ? (
          <mark key={i} class={current ? 'now' : ''}>
            {text}
          </mark>
        ) : style === '' ? (
          text
        ) : (
          <span key={i} style={{ ...cachedLook(style, theme) }}>
            {text}
          </span>
        ),
      )}
    </span>
  );
}
