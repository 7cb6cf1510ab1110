// Problems as annotations of GitHub Actions: workflow commands, one a line.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message
// The escapes are those of https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts

import { escapeName } from '../model/printable.ts';
import type { Problem } from '../problems/problem.ts';

export function githubAnnotation({ severity, tool, file, line, column, code, message }: Problem): string {
  const properties = Object.entries({
    file,
    line,
    col: column,
    title: code === undefined ? tool : `${tool}: ${code}`,
  })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${property(String(value))}`);
  return `::${severity} ${properties.join(',')}::${data(message)}`;
}

/** Characters that are not printable, and that GitHub has no escape for, are made visible. */
function data(text: string): string {
  return text
    .replaceAll(/[^\r\n]+/g, escapeName)
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
