import { Shape, area } from './shape.ts';
import { nothing } from './missing.js';

const count: number = 'many';
const unused = 1;

export function total(shapes: Shape[]): number {
  let sum = 0;
  for (const shape of shapes) sum += area(shape, 2);
  return summ;
}

const square: Shape = { kind: 'square', size: { width: 1, height: '2' } };
total([square, { kind: 'circle' }]);
