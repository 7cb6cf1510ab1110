// Loaded into wireit (NODE_OPTIONS), and into nothing that wireit starts: has it start its scripts with the
// script shell of npm (npm/loglin-shell.sh), which makes each a job. wireit itself runs /bin/sh.

import childProcess, { type ChildProcess, type SpawnOptions } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';

const SHELL = path.join(import.meta.dirname, '../npm/loglin-shell.sh');
/** This module in NODE_OPTIONS, which stands before what the user has set. */
const OURS = /^--require=(?:"(?:[^"\\]|\\.)*"|\S+)(?: |$)/;

/**
 * What the script shell is told of the script that has this command: its name, `package script`, or that of
 * all that have it, since wireit does not say which; and whether it is a service. Undefined if there is none.
 */
function scriptOf(folder: string, command: string): Readonly<Record<string, string>> | undefined {
  try {
    const json = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
      readonly name?: string;
      readonly wireit?: Readonly<Record<string, { readonly command?: string; readonly service?: unknown }>>;
    };
    const { name = path.basename(folder), wireit = {} } = json;
    const scripts = Object.keys(wireit).filter((script) => wireit[script]?.command === command);
    if (scripts.length === 0) return undefined;
    const isService = scripts.every((script) => Boolean(wireit[script]?.service));
    return {
      LOGLIN_SCRIPT: `${name} ${scripts.join('|')}`,
      LOGLIN_TASK: isService ? 'wireit service' : 'wireit',
    };
  } catch {
    return undefined;
  }
}

/** wireit's way of starting a script: its command, in the folder of its package. */
type SpawnCall = readonly [command: string, args: readonly string[], options?: SpawnOptions];

function throughShell(call: SpawnCall): SpawnCall {
  const [command, args, options] = call;
  if (options?.shell !== true || typeof options.cwd !== 'string') return call;
  const script = scriptOf(options.cwd, command);
  if (!script) return call;
  return [command, args, { ...options, shell: SHELL, env: { ...options.env, ...script } }];
}

// What wireit starts must not see this module.
const users = process.env.NODE_OPTIONS?.replace(OURS, '');
if (users) process.env.NODE_OPTIONS = users;
else delete process.env.NODE_OPTIONS;

if (process.env.LOGLIN_JOB !== undefined && /^wireit(?:\.js)?$/.test(path.basename(process.argv[1] ?? ''))) {
  childProcess.spawn = new Proxy(childProcess.spawn, {
    apply: (spawn, self, call) =>
      Reflect.apply(spawn, self, throughShell(call as unknown as SpawnCall)) as ChildProcess,
  });
  syncBuiltinESMExports();
}
