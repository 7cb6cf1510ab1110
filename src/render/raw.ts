// Views without headings: the bytes of the logs, or nothing at all.

import type { Job } from '../model/build.ts';
import type { Renderer } from './renderer.ts';

const EMPTY = Buffer.alloc(0);

/** Prints nothing: --quiet. */
export class SilentRenderer implements Renderer {
  heading(): Buffer {
    return EMPTY;
  }

  text(_job: Job, _bytes: Buffer): Buffer {
    return EMPTY;
  }

  partial(): Buffer {
    return EMPTY;
  }

  finish(): Buffer {
    return EMPTY;
  }
}

/** Prints the bytes of the logs and nothing else: --raw. */
export class RawRenderer extends SilentRenderer {
  override text(_job: Job, bytes: Buffer): Buffer {
    return bytes;
  }
}
