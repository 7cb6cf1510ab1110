// redo: each target has a log, which is read while redo runs (records.ts) or afterwards (import.ts).

import fs from 'node:fs';
import path from 'node:path';
import { locate } from '../examine.ts';
import type { Tool } from '../hook.ts';
import { type RedoCommand, RedoRecords } from './records.ts';

const PROGRAMS = ['redo', 'redo-ifchange'] as const;
const TRIAL = { files: { 'one.do': 'echo one\n' }, argv: ['redo', 'one'], jobs: 1 };

export const redo: Tool = {
  name: 'redo',
  programs: PROGRAMS,
  install({ workspace }) {
    fs.writeFileSync(workspace.path('h.redo'), '', { mode: 0o600 });
    return {};
  },
  records(recording) {
    const command = commandOf(recording.command);
    return command ? new RedoRecords(recording, command) : undefined;
  },
  examine() {
    if (locate('redo') === undefined) return [];
    if (locate('sqlite3') !== undefined)
      return [{ ok: true, what: 'redo: split into targets where it is the wrapped command', trial: TRIAL }];
    return [
      { ok: false, what: 'redo: one job', remedy: 'install sqlite3, to read the names of its targets' },
    ];
  },
};

/** The targets of a redo that keeps logs; undefined for any other command. */
function commandOf(command: {
  readonly argv: readonly string[];
  readonly cwd: string;
}): RedoCommand | undefined {
  const [program = '', ...words] = command.argv;
  if (!PROGRAMS.some((name) => name === path.basename(program)) || process.env.REDO_LOG === '0')
    return undefined;
  const targets: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '--no-log') return undefined;
    if (word === '-j' || word === '--jobs') i++;
    else if (word !== '--' && !word.startsWith('-')) targets.push(word);
  }
  return { ...command, targets: targets.length > 0 ? targets : ['all'] };
}
