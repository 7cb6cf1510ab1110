// Other programs that get the terminal: the pager and the editor. Knows no pane.

import { type ChildProcess, spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { reason } from '../model/failure.ts';
import { pagerEnvironment } from '../play/pager.ts';

/**
 * The script for a shell. With `apart`, the program gets its own process group, so that Ctrl-C does not reach
 * the build in our group.
 */
function script(command: string, apart: boolean): string {
  return apart ? `set -m\n${command}` : command;
}

/**
 * Shows text in a pager.
 * @param text returns the next piece; undefined at the end. @param apart a build runs in our process group.
 * @returns an error message if the pager failed.
 */
export function page(
  command: string,
  text: () => string | undefined,
  apart: boolean,
): Promise<string | undefined> {
  const child = spawn('/bin/sh', ['-c', script(command, apart)], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: pagerEnvironment('R'),
  });
  const input = child.stdin;
  // The user left the pager before the end of the text.
  input.on('error', () => undefined);
  const feed = (): void => {
    for (;;) {
      const piece = text();
      if (piece === undefined) {
        input.end();
        return;
      }
      if (!input.writable) return;
      if (!input.write(piece)) {
        input.once('drain', feed);
        return;
      }
    }
  };
  feed();
  return ended(child, command);
}

/** Opens a file in an editor. @param apart as for page. @returns an error message if the editor failed. */
export function edit(argv: readonly string[], apart: boolean): Promise<string | undefined> {
  const [command = 'vi', ...args] = argv;
  // The variable may contain options, so the shell splits it.
  const child = spawn('/bin/sh', ['-c', script(`${command} "$@"`, apart), 'sh', ...args], {
    stdio: 'inherit',
  });
  return ended(child, command);
}

function ended(child: ChildProcess, command: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      const died = signal ?? signalOf(code ?? 0);
      // The user pressed Ctrl-C.
      const well = code === 0 || died === 'SIGINT';
      const how = died ?? (code === 127 ? 'not found' : `exit ${code}`);
      resolve(well ? undefined : `${command}: ${how}`);
    });
    child.on('error', (error) => {
      resolve(`${command}: ${reason(error)}`);
    });
  });
}

/** The signal that a shell reports by a status. */
function signalOf(status: number): string | undefined {
  const { signals } = os.constants;
  return Object.entries(signals).find(([, number]) => status === 128 + number)?.[0];
}

/** Tells an editor which line to go to: most accept `+LINE`, some `FILE:LINE:COLUMN`. */
export function editorCommand(
  env: Readonly<Record<string, string | undefined>>,
  file: string,
  line: number | undefined,
  column: number | undefined,
): string[] {
  const editor = [env.VISUAL, env.EDITOR].find((word) => word !== undefined && word !== '') ?? 'vi';
  const program = path.basename(editor.trim().split(/\s+/)[0] ?? '');
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  if (line === undefined) return [editor, file];
  if (/^(code|codium|code-insiders|cursor|windsurf)$/.test(program)) return [editor, '-g', place];
  if (/^(subl|zed|hx|helix|kak|micro|mate)$/.test(program)) return [editor, place];
  return [editor, `+${line}`, file];
}
