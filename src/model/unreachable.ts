/** Fails to compile where a union is not handled to its end; at run time it names what came instead. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
