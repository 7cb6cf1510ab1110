// `--report FILE`: reports of a build that this process has recorded, written at its end; and the summary
// that GitHub shows.

import fs from 'node:fs';
import path from 'node:path';
import pkg from '../../package.json' with { type: 'json' };
import type { Session } from '../capture/session.ts';
import { displayNames } from '../linearize/names.ts';
import type { Status } from '../model/events.ts';
import { Failure, isFailure, reason } from '../model/failure.ts';
import { lineEnds } from '../record/logsource.ts';
import { BUILD_FORMATS, type BuildFormat, ENDINGS } from '../render/reports/names.ts';
import type { BuildReport } from '../render/reports/report.ts';
import type { Place } from '../store/place.ts';
import { writeOutput, writePieces } from './output.ts';
import { warn } from './stderr.ts';

const LISTED = `${BUILD_FORMATS.slice(0, -1).join(', ')} or ${BUILD_FORMATS.at(-1)!}`;

export const REPORTS = `write a report at the end: ${LISTED}, by the file's ending or as FORMAT:FILE`;

export interface ReportFile {
  readonly format: BuildFormat;
  readonly file: string;
}

/** What `build.xml` or `sarif:problems.json` asks for. @throws Failure if its format is not known. */
export function reportTo(word: string): ReportFile {
  const [, name, rest = ''] = /^([a-z]+):(.+)$/s.exec(word) ?? [];
  const format = BUILD_FORMATS.find((one) => one === name);
  if (format !== undefined) return { format, file: rest };
  if (name !== undefined)
    throw new Failure(`--report ${word}: ${name} is no format; want ${BUILD_FORMATS.join(', ')}`);
  const known = ENDINGS.find(([ending]) => word.endsWith(ending))?.[1];
  if (known !== undefined) return { format: known, file: word };
  throw new Failure(
    `--report ${word}: of which format? junit:${word}, or ${BUILD_FORMATS.slice(1).join(', ')}`,
  );
}

/** Logs of more bytes are not searched for a summary that nobody has asked for. */
const MOST_READ = 64 * 1024 * 1024;

/** Writes what was asked for. What cannot be written is said, and changes nothing of how the build ended. */
export async function writeReports(
  session: Session,
  status: Status,
  files: readonly ReportFile[],
  place: Place,
  summary: boolean,
): Promise<void> {
  const page = summary ? summaryFile(process.env) : undefined;
  if (files.length === 0 && page === undefined) return;
  try {
    const { id, build, logs } = session;
    const { buildReport } = await import('../view/buildreport.ts');
    const { BUILD_REPORTS } = await import('../render/reports/formats.ts');
    const nameOf = displayNames(build, 'needs', lineEnds(logs, false));
    const style = { colour: false, never: true, ascii: false };
    const setting = { id, build, logs, place, folder: place.root, status, nameOf, style };
    const most = files.length > 0 ? Infinity : MOST_READ;
    const report = buildReport({ ...setting, version: pkg.version }, most, warn);
    for (const { format, file } of files) await writeReport(file, BUILD_REPORTS[format](report));
    if (page !== undefined) await appendSummary(page, report);
  } catch (error) {
    if (!isFailure(error)) throw error;
    warn(error.message);
  }
}

async function writeReport(file: string, text: Iterable<string>): Promise<void> {
  try {
    // A folder that is missing is made, as by other tools that write reports; why not, the next line says.
    fs.mkdirSync(path.dirname(file), { recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
  try {
    await writeOutput(file, 0o666, (fd) => writePieces(fd, text));
  } catch (error) {
    warn(isFailure(error) ? error.message : `${file}: ${reason(error)}`);
  }
}

/** The page that GitHub shows of a step; undefined elsewhere, and inside a build, which has one itself. */
function summaryFile(env: NodeJS.ProcessEnv): string | undefined {
  const { GITHUB_ACTIONS: github, GITHUB_STEP_SUMMARY: file, LOGLIN_BUILD: outer } = env;
  return github === 'true' && file !== undefined && file !== '' && !outer ? file : undefined;
}

/** Adds to the page as much as GitHub still shows of it. */
async function appendSummary(file: string, report: BuildReport): Promise<void> {
  const { MOST_SUMMARY, markdown } = await import('../render/reports/markdown.ts');
  try {
    const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    const page = markdown(report, MOST_SUMMARY - size - 1);
    if (page !== '') fs.appendFileSync(file, size > 0 ? `\n${page}` : page);
  } catch (error) {
    warn(`${file}: ${reason(error)}`);
  }
}
