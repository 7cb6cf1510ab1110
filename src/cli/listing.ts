// Long listings go through the pager on a terminal, as logs do.

import type { Command } from 'commander';
import { Stdout, syncWriter } from '../play/stdout.ts';
import { ciOutput } from './ci.ts';
import { optional } from './command.ts';
import { startPager } from '../play/pager.ts';
import type { Room } from '../render/width.ts';
import { columns } from './terminal.ts';

/** The options of every command that prints a listing. */
export interface ListingOptions {
  readonly json?: true;
  readonly color?: string | boolean;
  readonly ascii?: true;
  readonly pager: boolean;
}

export function addListingOptions(command: Command): Command {
  return command
    .option('--json', 'print NDJSON (docs/json.md)')
    .addOption(optional('--color [when]', 'auto, always or never', 'always'))
    .option('--no-color', 'same as --color=never')
    .option('--ascii', 'use only ASCII characters, except in text from the logs')
    .option('--no-pager', 'do not use a pager');
}

/** The width of a listing's lines; undefined if they may have any length: stdout is no terminal. */
export async function roomOn(terminal: boolean): Promise<Room | undefined> {
  if (!terminal) return undefined;
  // What measures text is slow to load.
  const { displayWidth, elideMiddle } = await import('../render/width.ts');
  return { columns: columns(), width: displayWidth, elide: elideMiddle };
}

/** Characters that are written at once. */
const PIECE = 16 * 1024;

/** Takes a listing's text, in pieces of any size. */
export interface Listing {
  write(text: string | Buffer): void;
  /** Waits until what was written need not all be held in memory: for who has much to write. */
  room(): Promise<void>;
  /** Nobody reads any more. */
  readonly closed: boolean;
  /** Ends the listing, and waits until all is written and the pager was left. */
  end(): Promise<void>;
}

/**
 * Starts a listing on stdout.
 * @param paged through the pager: stdout is a terminal, and the user has not said `--no-pager`.
 * @param options of the listing: `json` is for programs; in other text nothing acts as a command of the CI
 * system whose log stdout is.
 * @param atEnd what comes last is what is looked for.
 * @throws Failure if LOGLIN_CI names no system.
 */
export async function startListing(
  paged: boolean,
  { json }: Pick<ListingOptions, 'json'>,
  atEnd = false,
): Promise<Listing> {
  const inert = (await ciOutput(json ? { json } : {}, true))?.text;
  const pager = paged ? await startPager(atEnd) : undefined;
  const stdout = new Stdout(pager?.write ?? syncWriter(1));
  const write = (bytes: Buffer): void => {
    if (bytes.length > 0) stdout.write(bytes);
  };
  const pass = (bytes: Buffer): void => {
    write(inert ? inert.push(bytes) : bytes);
  };
  let held: string[] = [];
  let length = 0;
  const flush = (): void => {
    if (length > 0) pass(Buffer.from(held.join('')));
    held = [];
    length = 0;
  };
  return {
    write: (text) => {
      if (typeof text !== 'string') {
        flush();
        pass(text);
        return;
      }
      // One buffer for many lines.
      held.push(text);
      length += text.length;
      if (length >= PIECE) flush();
    },
    room: async () => {
      while (stdout.full && !stdout.closed) await stdout.drained();
    },
    get closed() {
      return stdout.closed;
    },
    end: async () => {
      flush();
      if (inert) write(inert.end());
      await stdout.flushed();
      await pager?.closed();
    },
  };
}
