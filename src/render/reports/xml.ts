// Text as XML 1.0 can have it.

/** What XML 1.0 forbids, however it is written: most controls, halves of surrogate pairs, two more. */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** Text between tags. */
export function xmlText(text: string): string {
  return text.replace(FORBIDDEN, '\ufffd').replaceAll(/[&<>\r]/g, (character) => ENTITIES[character] ?? '');
}

/** ` name="value"` for each; one without a value is left out. */
export function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${quoted(String(value))}"`))
    .join('');
}

/** A reader would make spaces of what ends lines. */
function quoted(value: string): string {
  return value
    .replace(FORBIDDEN, '\ufffd')
    .replaceAll(/[&<>"\t\n\r]/g, (character) => ENTITIES[character] ?? '');
}

export const XML = '<?xml version="1.0" encoding="UTF-8"?>\n';
