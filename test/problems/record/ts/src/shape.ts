export interface Shape {
  kind: string;
  size: { width: number; height: number };
}

export function area(shape: Shape): number {
  return shape.size.width * shape.size.hight;
}

export function broken(value?: Shape) {
  return value.size
    .width;
}
