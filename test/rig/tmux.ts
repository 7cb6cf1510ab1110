// A real terminal: tmux, with an interactive bash in it that notes the status of each command.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import type { Tree } from './tree.ts';
import { until } from './tree.ts';

export class Screen {
  readonly #tree: Tree;
  #ended = 0;

  constructor(tree: Tree, columns: number, rows: number, env: Readonly<Record<string, string>> = {}) {
    this.#tree = tree;
    const shell = 'exec bash --noprofile --norc -i';
    const environment = tree.environment({
      TERM: 'xterm-256color',
      PROMPT_COMMAND: `echo $? >>'${tree.path('.statuses')}'; PS1='$ '`,
      HISTFILE: '',
      ...env,
    });
    this.#tmux(
      ['-f', '/dev/null', '-u', 'new-session', '-d', '-x', `${columns}`, '-y', `${rows}`, shell],
      environment,
    );
  }

  #tmux(args: readonly string[], env?: Record<string, string>): string {
    const { status, stdout, stderr } = spawnSync('tmux', ['-S', this.#tree.path('.tmux'), ...args], {
      cwd: this.#tree.dir,
      env: env ?? this.#tree.environment(),
      encoding: 'utf8',
    });
    assert.equal(status, 0, `tmux ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** Waits for the first prompt. */
  async ready(): Promise<void> {
    await until('bash is ready', () => this.statuses().length > 0);
    this.#ended = 1;
  }

  /** The statuses of the commands so far. */
  statuses(): string[] {
    return this.#tree.has('.statuses') ? this.#tree.read('.statuses').split('\n').slice(0, -1) : [];
  }

  /** Types a line, and Enter. */
  type(line: string): void {
    this.#tmux(['send-keys', '-l', line]);
    this.key('Enter');
  }

  /** Types characters, without Enter. */
  press(text: string): void {
    this.#tmux(['send-keys', '-l', text]);
  }

  /** Waits until the screen shows this text. */
  async shows(text: string): Promise<void> {
    await this.see(new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)));
  }

  /** Presses a key, as tmux names it: `C-c`. */
  key(key: string): void {
    this.#tmux(['send-keys', key]);
  }

  /** Waits for the end of the command that was typed. @returns its status. */
  async status(): Promise<string> {
    await until(
      `the command has ended; the screen: ${this.text()}`,
      () => this.statuses().length > this.#ended,
    );
    // The prompt is printed after the status was noted.
    await this.see(/^\$ $/m);
    return this.statuses()[this.#ended++]!;
  }

  /** The text of the screen, without the empty lines at its end. */
  text(): string {
    return this.#tmux(['capture-pane', '-p', '-N']).replace(/[ \n]*\n$/, (end) =>
      end.startsWith(' ') ? ' ' : '',
    );
  }

  /** The text of the screen, with the lines that have scrolled off above. */
  history(): string {
    return this.#tmux(['capture-pane', '-p', '-S', '-']).trimEnd();
  }

  /** The text of the screen, with its colours as escape sequences. */
  colours(): string {
    return this.#tmux(['capture-pane', '-p', '-e']).trimEnd();
  }

  /** A property of the terminal from tmux, such as `#{pane_tty}`. */
  ask(format: string): string {
    return this.#tmux(['display-message', '-p', format]).trimEnd();
  }

  /** Programs in the terminal may set its clipboard. */
  allowClipboard(): void {
    this.#tmux(['set-option', '-s', 'set-clipboard', 'on']);
  }

  /** The last text put into the clipboard; undefined if there is none. */
  clipboard(): string | undefined {
    return this.#tmux(['list-buffers']) === '' ? undefined : this.#tmux(['show-buffer']);
  }

  /** The modes of the terminal. */
  flags(): Readonly<Record<'alternate' | 'cursor' | 'mouse' | 'wrap' | 'keypad' | 'region', string>> {
    const names = ['alternate_on', 'cursor_flag', 'mouse_any_flag', 'wrap_flag', 'keypad_cursor_flag'];
    const format = [...names, 'scroll_region_upper'].map((name) => `#{${name}}`).join(' ');
    const [alternate = '', cursor = '', mouse = '', wrap = '', keypad = '', region = ''] = this.#tmux([
      'display-message',
      '-p',
      format,
    ])
      .trim()
      .split(' ');
    return { alternate, cursor, mouse, wrap, keypad, region };
  }

  resize(columns: number, rows: number): void {
    this.#tmux(['resize-window', '-x', `${columns}`, '-y', `${rows}`]);
  }

  /** Waits until the screen shows something. */
  async see(what: RegExp): Promise<string> {
    let text = '';
    try {
      await until('', () => what.test((text = this.text())), 60_000);
    } catch {
      throw new Error(`waited in vain for ${what} on the screen:\n${text}`);
    }
    return text;
  }

  close(): void {
    spawnSync('tmux', ['-S', this.#tree.path('.tmux'), 'kill-server']);
  }
}

export async function screen(
  t: TestContext,
  tree: Tree,
  columns = 80,
  rows = 24,
  env: Readonly<Record<string, string>> = {},
): Promise<Screen> {
  const made = new Screen(tree, columns, rows, env);
  t.after(() => {
    made.close();
  });
  await made.ready();
  return made;
}
