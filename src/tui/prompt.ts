// A line that the user types at the bottom, and its effect: it filters while it is typed, or acts on Enter.

import { patternError } from '../search/pattern.ts';
import { move } from './actions/moving.ts';
import { searchPattern } from '../documents/find.ts';
import { moveToBuild } from './buildrows.ts';
import { moveTo } from './list.ts';
import { listHeight } from './panesize.ts';
import { refreshRows } from './selection.ts';
import type { Effect, Prompt, State } from './state.ts';

/** Handles a key. @param typed the text that the key stands for; '' for other keys. */
export function typeInPrompt(state: State, key: string, typed: string): Effect[] {
  const prompt = state.prompt!;
  switch (key) {
    case 'escape':
    case 'C-c':
      state.prompt = undefined;
      prompt.text = prompt.before;
      if (prompt.origin) restore(state, prompt.origin);
      return ['search', 'everywhere', 'save'].includes(prompt.kind) ? [] : filtered(state, prompt);
    case 'enter':
      state.prompt = undefined;
      return entered(state, prompt);
    case 'backspace':
      if (prompt.text === '') {
        state.prompt = undefined;
        if (prompt.origin) restore(state, prompt.origin);
        return [];
      }
      prompt.text = prompt.text.replace(/.$/su, '');
      return filtered(state, prompt);
    case 'C-u':
      prompt.text = '';
      return filtered(state, prompt);
    case 'C-w':
      prompt.text = prompt.text.replace(/\S*\s*$/, '');
      return filtered(state, prompt);
    case 'down':
    case 'up':
      if (prompt.kind === 'jobs' || prompt.kind === 'builds') return move(state, key === 'up' ? -1 : 1);
      return [];
    default:
      if (typed === '') return [];
      prompt.text += typed;
      return filtered(state, prompt);
  }
}

function filtered(state: State, prompt: Prompt): Effect[] {
  const { kind, text } = prompt;
  if (kind === 'jobs') {
    state.jobs.filter = text;
    const { list } = state.jobs;
    refreshRows(state);
    if (text !== '') moveTo(list, 0, state.jobs.visible.length, listHeight(state, 'jobs'));
    return [{ do: 'show' }];
  }
  if (kind === 'help') Object.assign(state, { helpFilter: text, help: 0 });
  if (kind === 'builds') {
    state.buildFilter = text;
    moveToBuild(state, 0, listHeight(state, 'builds'));
    return [{ do: 'preview' }];
  }
  if (kind !== 'search' && kind !== 'everywhere') return [];
  prompt.wrong = patternError(text);
  return kind === 'search' ? preview(state, prompt) : [];
}

/** Shows what a pattern finds that is being typed. */
function preview(state: State, { text, origin, wrong }: Prompt): Effect[] {
  const { log } = state;
  // An expression that is not complete yet leaves on the screen what was found before.
  if (!origin || wrong !== undefined) return [];
  restore(state, origin);
  log.searching = false;
  log.pattern = text === '' ? undefined : searchPattern(text);
  return log.pattern ? [{ do: 'search', from: origin.position.cursor, forward: true, typing: true }] : [];
}

function restore(state: State, { pattern, position }: NonNullable<Prompt['origin']>): void {
  Object.assign(state.log, position, { pattern });
}

function entered(state: State, { kind, text, origin, wrong }: Prompt): Effect[] {
  if (kind === 'save') return text === '' ? [] : [{ do: 'save', file: text, overwrite: false }];
  if (kind !== 'search' && kind !== 'everywhere') return [];
  if (origin) restore(state, origin);
  if (wrong !== undefined) {
    state.message = `no regular expression: ${wrong}`;
    return [];
  }
  const pattern = text === '' ? state.log.pattern : searchPattern(text);
  if (!pattern) return [];
  if (kind === 'everywhere') return [{ do: 'everywhere', pattern }];
  state.log.pattern = pattern;
  return [{ do: 'search', from: state.log.cursor, forward: true, typing: false }];
}
