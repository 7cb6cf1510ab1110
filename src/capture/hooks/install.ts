// Prepares a build's workspace: puts the capture library and the files of each tool's hook in place. Knows no
// tool.

import fs from 'node:fs';
import { compiledFile, packageFile } from '../package.ts';
import type { Workspace } from '../workspace.ts';
import type { HookContext, ToolVariable, Tool } from './hook.ts';
import { TOOLS } from './list.ts';

/** Finds the capture library for this machine, or the reason why there is none. */
export function findLibrary(): { file: string } | { missing: string } {
  if (process.platform !== 'linux') return { missing: `no capture library for ${process.platform}` };
  const file = compiledFile('libloglin.so');
  if (file !== undefined) return { file };
  return {
    missing: `no capture library for linux-${process.arch}; install a C compiler and run npm run build in loglin's folder`,
  };
}

/**
 * Installs the hooks of the wanted tools.
 * @param wanted whether a tool is to be hooked, by its name.
 * @returns the variables for the build's environment, and what is missing on this machine.
 */
export function installHooks(
  workspace: Workspace,
  wanted: (tool: string) => boolean,
): { variables: Record<string, string>; missing?: string } {
  const variables: Record<string, string> = {};
  const tools = TOOLS.filter((tool) => wanted(tool.name));
  const library = tools.some((tool) => tool.inside ?? 'variables' in tool) ? findLibrary() : undefined;
  const have = library && 'file' in library;
  for (const tool of tools) {
    if (tool.inside && !have) continue;
    // The library is loaded into every tool, wanted or not; it looks for this file.
    if (tool.inside) fs.writeFileSync(workspace.path(`h.${tool.name}`), '', { mode: 0o600 });
    const file = (name: string): string => packageFile(`hooks/${name}`);
    const context: HookContext = { workspace, environment: process.env, file };
    Object.assign(variables, tool.install?.(context));
    if (have) writeVariables(workspace, tool, tool.variables?.(context) ?? []);
  }
  if (have) {
    // The links have plain names, because the loader splits LD_PRELOAD at blanks and colons.
    const link = workspace.path('lib.so');
    fs.symlinkSync(library.file, link);
    fs.symlinkSync(library.file.replace(/\.so$/, '-readers.so'), workspace.path('readers.so'));
    const users = process.env.LD_PRELOAD;
    variables.LD_PRELOAD = users ? `${link}:${users}` : link;
  }
  return { variables, ...(library && 'missing' in library ? library : {}) };
}

/** Writes the variables of a tool's programs to a file, which the library reads (library/launchers.c). */
function writeVariables(workspace: Workspace, tool: Tool, entries: readonly ToolVariable[]): void {
  if (entries.length === 0) return;
  const lines = entries.map(({ name, value, before, ifSet, savedIn }) => {
    const kind = before ? '<' : ifSet ? '?' : '=';
    return `${kind}${name}=${value}${savedIn === undefined ? '' : `\t${savedIn}`}\n`;
  });
  fs.mkdirSync(workspace.path('e'), { recursive: true, mode: 0o700 });
  for (const program of tool.programs)
    fs.writeFileSync(workspace.path(`e/${program}`), `${tool.binary ? '!\n' : ''}${lines.join('')}`, {
      mode: 0o600,
    });
}
