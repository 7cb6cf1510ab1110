// A line that the user types at the bottom, and its effect: it filters while it is typed, or acts on Enter.

import { isFailure } from '../model/failure.ts';
import { move } from './actions/moving.ts';
import { searchPattern } from './doc/find.ts';
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
      return prompt.kind === 'search' || prompt.kind === 'save' ? [] : filtered(state, prompt);
    case 'enter':
      state.prompt = undefined;
      return entered(state, prompt);
    case 'backspace':
      if (prompt.text === '') {
        state.prompt = undefined;
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

function filtered(state: State, { kind, text }: Prompt): Effect[] {
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
  return [];
}

function entered(state: State, { kind, text }: Prompt): Effect[] {
  if (kind === 'save') return text === '' ? [] : [{ do: 'save', file: text, overwrite: false }];
  if (kind !== 'search') return [];
  if (text !== '') {
    try {
      state.log.pattern = searchPattern(text);
    } catch (error) {
      if (!isFailure(error)) throw error;
      state.message = error.message;
      return [];
    }
  }
  if (!state.log.pattern) return [];
  return [{ do: 'search', from: state.log.cursor, forward: true }];
}
