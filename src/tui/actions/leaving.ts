// The actions that lead out of the browser: copies, other programs, files, the terminal, the end. Also the
// help.

import stripAnsi from 'strip-ansi';
import { escapeName } from '../../model/printable.ts';
import { selectedBuild } from '../buildrows.ts';
import { type Effect, type State, selectedJob } from '../state.ts';
import type { Handlers } from './handler.ts';

export const LEAVING = {
  copy,
  pager: () => [{ do: 'pager' }],
  page: () => [{ do: 'page' }],
  edit: ({ log }) => [{ do: 'edit', target: log.shown.document.at(log.cursor)?.target }],
  save(state) {
    state.prompt = { kind: 'save', text: fileName(state.log.shown.title), before: '' };
    return [];
  },
  mouse(state) {
    state.mouse = !state.mouse;
    state.message = state.mouse ? 'mouse on' : "mouse off: the terminal's own selection works";
    return [{ do: 'mouse' }];
  },
  redraw: () => [{ do: 'redraw' }],
  suspend: () => [{ do: 'suspend' }],
  help(state) {
    state.help = 0;
    return [];
  },
  quit(state) {
    if (!state.wrapping) return [{ do: 'quit', how: 'leave' }];
    state.question = {
      kind: 'leave',
      text: 'The build runs: d detach (it goes on here), s stop it, any other key: stay',
    };
    return [];
  },
} satisfies Handlers;

/** Turns a title into a valid name of a file. */
function fileName(title: string): string {
  const base = title
    .slice(title.lastIndexOf('/') + 1)
    .replaceAll(/[^\w.+-]+/g, '-')
    .replaceAll(/^[-.]+|-+$/g, '')
    .slice(0, 60);
  return `${base === '' ? 'log' : base}.log`;
}

function copy(state: State): Effect[] {
  if (state.focus === 'builds') {
    const row = selectedBuild(state);
    return row ? [{ do: 'copy', text: row.id }] : [];
  }
  if (state.focus === 'jobs') {
    const job = selectedJob(state);
    // The displayed name, which show accepts as well: it may be pasted into a shell, and the real name may
    // contain newlines.
    return job ? [{ do: 'copy', text: escapeName(state.open?.nameOf(job) ?? job.name) }] : [];
  }
  const line = state.log.shown.document.at(state.log.cursor);
  return line ? [{ do: 'copy', text: stripAnsi(line.text) }] : [];
}
