// `loglin doctor`: what works here, what is less exact and why, with a remedy for each. Tools are tried, not
// just looked at.

import fs from 'node:fs';
import { findLibrary } from '../../capture/hooks/install.ts';
import type { Finding } from '../../capture/hooks/hook.ts';
import { TOOLS } from '../../capture/hooks/list.ts';
import { launcherFile } from '../../capture/package.ts';
import { Workspace } from '../../capture/workspace.ts';
import { isFailure } from '../../model/failure.ts';
import { escapeName } from '../../model/printable.ts';
import { findingRecord } from '../../render/records/finding.ts';
import { jsonLine } from '../../render/records/line.ts';
import type { Place } from '../../store/place.ts';
import { addStoreOption } from '../buildoptions.ts';
import { newCommand, parse } from '../command.ts';
import { currentFolder, recordingPlace } from '../place.ts';
import { print } from '../print.ts';
import { Trials } from '../trial.ts';
import { painter } from '../../render/formats.ts';
import { warn } from '../stderr.ts';
import { columns, isTerminal, styleOf } from '../terminal.ts';

export async function run(args: readonly string[]): Promise<number> {
  const cmd = addStoreOption(
    newCommand(
      'doctor',
      'Tests which build tools can be split into jobs here, and says what is less exact and why.',
    ).option('--json', 'print NDJSON (docs/json.md)'),
  ).addHelpText('after', '\nExamples:\n  loglin doctor\n  loglin doctor --json\n');
  return parse(cmd, args, async () => {
    const options = cmd.opts<{ json?: true; store?: string }>();
    const text = await findingText();
    const findings = [
      node(),
      workspace(),
      store(options.store),
      library(),
      ...TOOLS.flatMap((tool) => tool.examine?.() ?? []),
    ];
    let well = true;
    const trials = newTrials();
    try {
      for (const finding of findings) {
        const { ok, what, remedy } = trials?.prove(finding) ?? finding;
        well &&= ok;
        print(
          options.json
            ? jsonLine(findingRecord({ ok, what, remedy }))
            : text({ ok, what, ...(remedy === undefined ? {} : { remedy }) }),
        );
      }
    } finally {
      trials?.remove();
    }
    return well ? 0 : 1;
  });
}

/** Returns the function that prints a finding: in one line, or broken between words to fit a terminal. */
async function findingText(): Promise<(finding: Finding) => string> {
  const terminal = await isTerminal(1);
  const paint = painter(styleOf(undefined, false, terminal).colour);
  const wrap = terminal ? (await import('../../render/width.ts')).wrapWords : undefined;
  return ({ ok, what, remedy }) => {
    const line = escapeName(`${what}${remedy ? `: ${remedy}` : ''}`);
    const rows = wrap ? wrap(line, columns() - 7) : [line];
    const mark = ok ? paint('2', 'ok') + '    ' : paint('1;31', 'less') + '  ';
    return rows.map((row, i) => `${i === 0 ? mark : '      '}${row}\n`).join('');
  };
}

/** Undefined if there is no folder for trials: then only what can be seen without them is reported. */
function newTrials(): Trials | undefined {
  try {
    return new Trials();
  } catch (error) {
    if (!isFailure(error)) throw error;
    warn(`${error.message}; nothing is tried`);
    return undefined;
  }
}

/** Same as in `engines` of package.json. */
const OLDEST_NODE = 20;

function node(): Finding {
  const what = `node ${process.versions.node} on ${process.platform}-${process.arch}`;
  const ok = Number.parseInt(process.versions.node, 10) >= OLDEST_NODE;
  return ok ? { ok, what } : { ok, what, remedy: `loglin is made for Node ${OLDEST_NODE} and newer` };
}

function workspace(): Finding {
  try {
    const space = new Workspace([]);
    space.remove();
    const memory = space.folder.startsWith('/dev/shm/');
    return memory
      ? { ok: true, what: `slots in ${space.folder.replace(/\/[^/]*$/, '')}` }
      : { ok: true, what: 'slots on disk', remedy: 'a writable /dev/shm would be a little faster' };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { ok: false, what: 'no slots: builds cannot be recorded', remedy: error.message };
  }
}

function store(wanted: string | undefined): Finding {
  let place: Place;
  try {
    place = recordingPlace(currentFolder(), wanted);
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { ok: false, what: 'no store: builds run unrecorded', remedy: error.message };
  }
  if (place.unwritable !== undefined)
    return {
      ok: false,
      what: `${place.unwritable} is not writable: builds in ${place.store}`,
      remedy: 'make it writable, or remove it, or use --store DIR',
    };
  let at = place.store;
  while (!fs.existsSync(at)) at = at.slice(0, Math.max(1, at.lastIndexOf('/')));
  try {
    fs.accessSync(at, fs.constants.W_OK);
    return { ok: true, what: `builds in ${place.store}` };
  } catch {
    return {
      ok: false,
      what: `${at} is not writable: builds run unrecorded`,
      remedy: 'use --store DIR or LOGLIN_STORE',
    };
  }
}

function library(): Finding {
  const found = findLibrary();
  if ('file' in found && launcherFile() === undefined)
    return {
      ok: false,
      what: 'no launcher: signals that are blocked, and variables that are there twice, do not reach the command',
      remedy: "run npm run build in loglin's folder, on a file system that may run programs",
    };
  if ('file' in found) return { ok: true, what: 'capture library and launcher' };
  return { ok: false, what: `${found.missing}: every build is one job` };
}
