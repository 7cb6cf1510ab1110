// Suggests the names that the user may have meant by an unknown one.

const NEAR = 5;

/** Returns the names with the fewest edits, if those are few enough. */
export function nearest(word: string, names: readonly string[]): string[] {
  // The dashes of an option are no part of its word.
  const most = Math.max(2, Math.ceil(word.replace(/^-+/, '').length / 3));
  const wanted = word.toLowerCase();
  return names
    .map((name) => {
      const tail = name.slice(name.lastIndexOf('/') + 1);
      const contains = name.toLowerCase().includes(wanted) ? 1 : Infinity;
      return { name, distance: Math.min(edits(word, name, most), edits(word, tail, most), contains) };
    })
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, NEAR)
    .map(({ name }) => name);
}

/** The Levenshtein distance, up to a limit. */
function edits(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same);
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
