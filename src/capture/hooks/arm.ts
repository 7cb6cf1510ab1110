// Readies a build's workspace: the capture library, and what each tool's hook needs. Knows no tool.

import fs from 'node:fs';
import { compiledFile, packageFile } from '../package.ts';
import type { Workspace } from '../workspace.ts';
import type { Arming, ToolVariable, Tool } from './hook.ts';
import { TOOLS } from './list.ts';

/** The capture library of this machine, or why there is none. */
export function findLibrary(): { file: string } | { missing: string } {
  if (process.platform !== 'linux') return { missing: `no capture library for ${process.platform}` };
  const file = compiledFile('libloglin.so');
  if (file !== undefined) return { file };
  return {
    missing: `no capture library for linux-${process.arch}; install a C compiler and run npm run build in loglin's folder`,
  };
}

/**
 * Arms the tools that are wanted.
 * @param wanted by the tool's name.
 * @returns the variables for the build's environment, and what is missing here.
 */
export function arm(
  workspace: Workspace,
  wanted: (tool: string) => boolean,
): { variables: Record<string, string>; missing?: string } {
  const variables: Record<string, string> = {};
  const tools = TOOLS.filter((tool) => wanted(tool.name));
  const library = tools.some((tool) => tool.inside ?? 'variables' in tool) ? findLibrary() : undefined;
  const have = library && 'file' in library;
  for (const tool of tools) {
    if (tool.inside && !have) continue;
    // What the library looks at: it is in all tools, wanted or not.
    if (tool.inside) fs.writeFileSync(workspace.path(`h.${tool.name}`), '', { mode: 0o600 });
    const file = (name: string): string => packageFile(`hooks/${name}`);
    const arming: Arming = { workspace, environment: process.env, file };
    Object.assign(variables, tool.arm?.(arming));
    if (have) writeVariables(workspace, tool, tool.variables?.(arming) ?? []);
  }
  if (have) {
    // Links with plain names: the loader splits LD_PRELOAD at blanks and colons.
    const link = workspace.path('lib.so');
    fs.symlinkSync(library.file, link);
    fs.symlinkSync(library.file.replace(/\.so$/, '-ninja.so'), workspace.path('ninja.so'));
    const users = process.env.LD_PRELOAD;
    variables.LD_PRELOAD = users ? `${link}:${users}` : link;
  }
  return { variables, ...(library && 'missing' in library ? library : {}) };
}

/** Leaves word for the library (library/launchers.c) of what a tool's programs get. */
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
