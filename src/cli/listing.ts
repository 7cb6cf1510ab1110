// Long listings go through the pager on a terminal, as logs do.

import { Stdout, atOnce } from '../play/stdout.ts';
import { startPager } from './pager.ts';

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
 * @param atEnd what comes last is what is looked for.
 */
export async function startListing(paged: boolean, atEnd = false): Promise<Listing> {
  const pager = paged ? await startPager(atEnd) : undefined;
  const stdout = new Stdout(pager?.write ?? atOnce(1));
  return {
    write: (text) => {
      stdout.write(typeof text === 'string' ? Buffer.from(text) : text);
    },
    room: async () => {
      while (stdout.full && !stdout.closed)
        await new Promise<void>((resolve) => {
          stdout.onceDrained(resolve);
        });
    },
    get closed() {
      return stdout.closed;
    },
    end: async () => {
      await stdout.flushed();
      await pager?.closed();
    },
  };
}
