// Other programs and the terminal's clipboard: the pager, the editor, OSC 52. Knows no pane.

import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

/** Puts a text into the terminal's clipboard (xterm's OSC 52; inside tmux: set-clipboard on). */
export function clipboard(text: string): string {
  return `\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`;
}

/** The pager's command, as `show` chooses it. */
export function pagerCommand(env: Readonly<Record<string, string | undefined>>): string {
  const command = env.LOGLIN_PAGER ?? env.PAGER ?? '';
  return command === '' || command === 'cat' ? 'less' : command;
}

/**
 * Runs a pager on some text.
 * @param text asked for the next piece; undefined at the end.
 */
export function page(command: string, text: () => string | undefined): Promise<void> {
  const child = spawn('/bin/sh', ['-c', command], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESS: 'R', LV: '-c', ...process.env },
  });
  const input = child.stdin;
  // Left before the end.
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
  return ended(child);
}

/** Runs an editor on a file. */
export function edit(argv: readonly string[]): Promise<void> {
  const [command = 'vi', ...args] = argv;
  // The variable may hold options, and is the shell's to read.
  return ended(spawn('/bin/sh', ['-c', `${command} "$@"`, 'sh', ...args], { stdio: 'inherit' }));
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('exit', () => {
      resolve();
    });
    child.on('error', () => {
      resolve();
    });
  });
}

/** How an editor is told where to go: most know `+LINE`, some `FILE:LINE:COLUMN`. */
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
