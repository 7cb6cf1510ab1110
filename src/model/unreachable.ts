/** Fails to compile if a union is not handled completely. At run time it names the unexpected value. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
