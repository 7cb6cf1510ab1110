import { part } from './lib/part.js';

const unused = 1;
let never = 2;
if (part == 3) {
}
undeclared(never);
// eslint-disable-next-line no-empty
export const map = { a: 1, a: 2 };
