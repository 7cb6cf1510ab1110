// What a reader of a CI system's page sees of a log: which lines are folded away, what is annotated, and what
// the system would obey or render wrongly. Each system's file here parses the system's own syntax.

export interface Annotation {
  readonly severity: string;
  readonly message: string;
  readonly place: string;
}

export class Reading {
  /** The lines that are shown, each with the titles of the folded groups around it. */
  readonly lines: { readonly text: string; readonly folded: readonly string[] }[] = [];
  /** The titles of all groups, in order. */
  readonly groups: string[] = [];
  /** The most groups around one another. */
  depth = 0;
  readonly annotations: Annotation[] = [];
  /** Other commands that were obeyed. */
  readonly commands: string[] = [];
  /** What would be rendered wrongly, or dropped. */
  readonly faults: string[] = [];

  /** The lines that are seen without a click. */
  get visible(): string {
    return this.lines.flatMap(({ text, folded }) => (folded.length === 0 ? [text] : [])).join('\n');
  }

  get text(): string {
    return this.lines.map(({ text }) => text).join('\n');
  }

  annotate(severity: string, message: string, place: string, most: number): void {
    this.annotations.push({ severity, message, place });
    const count = this.annotations.filter((one) => one.severity === severity).length;
    if (count > most) this.faults.push(`annotation ${count} of severity ${severity} is dropped`);
  }
}
