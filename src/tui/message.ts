// Messages at the bottom: a short one stands beside the keys for a while, a long one covers some rows until
// the next key.

import { escapeName } from '../model/printable.ts';
import { textWidth } from '../documents/spans.ts';

/** How long a short message is shown. */
export const MESSAGE_MS = 3000;
/** The part of the bottom line that a message may take, so that the first keys remain. */
const PART = 0.62;

/** Whether a message has room beside the keys. @param width that of the screen. */
export function isBrief(message: string, width: number): boolean {
  return textWidth(escapeName(message)) <= Math.floor(width * PART);
}
