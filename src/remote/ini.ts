// Values out of INI files, as those of git and of AWS's tools are.

export interface IniSection {
  /** What stands between the brackets. */
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
}

/** The sections of a file, in their order. */
export function iniSections(text: string): IniSection[] {
  const sections: { name: string; values: Record<string, string> }[] = [];
  for (const line of text.split('\n')) {
    const head = /^\s*\[([^\]]+)\]/.exec(line);
    if (head) sections.push({ name: head[1]!.trim(), values: {} });
    const [, key, value = ''] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    const section = sections.at(-1);
    if (section && key !== undefined) section.values[key.toLowerCase()] = value;
  }
  return sections;
}

/** The values of a profile of AWS's tools. */
export function profileOf(text: string, profile: string): Record<string, string> {
  const found = iniSections(text).filter(({ name }) => name.replace(/^profile\s+/, '') === profile);
  return Object.assign({}, ...found.map(({ values }) => values)) as Record<string, string>;
}
