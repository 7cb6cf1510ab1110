// One line of a document. It is drawn again only when it differs from what is there, since a scroll moves
// dozens of them.

import { Component, type JSX } from 'preact';
import type { Line } from '../protocol.ts';
import { type Theme, cachedLook } from './ansi.ts';
import { type Hidden, type Piece, drawn, piecesOf } from './textspans.ts';

export interface LineProps {
  readonly line: Line;
  readonly theme: Theme;
  /** The line is under the cursor. */
  readonly current: boolean;
  /** A link marks it. */
  readonly linked: boolean;
  readonly numbers: boolean;
  /** All of it is drawn, however long it is. */
  readonly whole: boolean;
}

export class LogLine extends Component<LineProps> {
  override shouldComponentUpdate(next: LineProps): boolean {
    const { line, theme, current, linked, numbers, whole } = this.props;
    return (
      line !== next.line ||
      theme !== next.theme ||
      current !== next.current ||
      linked !== next.linked ||
      numbers !== next.numbers ||
      whole !== next.whole
    );
  }

  override render(): JSX.Element {
    const pieces = piecesOf(this.props.line.spans, this.props.line.matches);
    const { line, theme, current, linked, numbers, whole } = this.props;
    return (
      <div class={classOf(line, current, linked)} data-offset={line.offset}>
        {numbers && <Gutter line={line} />}
        <span class="sign" aria-hidden="true" />
        <Text pieces={whole ? pieces : drawn(pieces)} theme={theme} current={current} />
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

interface TextProps {
  readonly pieces: readonly (Piece | Hidden)[];
  readonly theme: Theme;
  readonly current: boolean;
}

function Text({ pieces, theme, current }: TextProps): JSX.Element {
  const [first] = pieces;
  if (pieces.length === 1 && first && 'text' in first && first.style === '' && !first.match)
    return <span class="text">{first.text}</span>;
  return (
    <span class="text">
      {pieces.map((piece, i) =>
        'hidden' in piece ? (
          <Rest key={i} count={piece.hidden} />
        ) : piece.match ? (
          <mark key={i} class={current ? 'now' : ''}>
            {piece.text}
          </mark>
        ) : piece.style === '' ? (
          piece.text
        ) : (
          <span key={i} style={{ ...cachedLook(piece.style, theme) }}>
            {piece.text}
          </span>
        ),
      )}
    </span>
  );
}

/** Stands for text that is not drawn; the view draws it when it is clicked. */
function Rest({ count }: { count: number }): JSX.Element {
  return (
    <button type="button" class="rest" title="Show them; D saves the raw log">
      {`… ${count.toLocaleString('en')} characters more …`}
    </button>
  );
}
