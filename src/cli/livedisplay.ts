// The live display of a build that this process records: log text on stdout as it arrives, the status line
// below it, and the failure report at the end. Decides when something is written, not what.

import type { Observer } from '../capture/recording.ts';
import type { Outcome, Session } from '../capture/session.ts';
import type { Status } from '../model/events.ts';
import { ROOT } from '../model/ids.ts';
import { Stdout, asyncWriter } from '../play/stdout.ts';
import type { ViewOptions } from '../render/renderers.ts';
import type { Progress } from '../view/progress.ts';
import type { CiOutput } from './cioutput.ts';
import { Heartbeat } from './heartbeat.ts';
import { StatusLine } from './statusline.ts';
import { ShortText, agentWords } from './agentwords.ts';
import { howMany, reportOf, sayPage } from './lastwords.ts';
import { LivePlay, type PlaySetting } from './liveplay.ts';
import { warn } from './stderr.ts';
import { canMoveCursor, isCi, isTerminal } from './terminal.ts';

/** Runs the session, or lets it continue, with this observer. */
export type Running = (observer: Observer) => Promise<Outcome>;

export interface DisplaySetting extends PlaySetting {
  /** How many rows the status line may have, where stderr is a terminal that can show one; 0: none. */
  readonly statusRows: number;
  /** Whoever reads stdout may print it to the terminal of the status line: then there is none. */
  readonly piped: boolean;
  /**
   * After so many seconds without output a line says that the build is alive; undefined: only as CI needs it.
   * 0: never.
   */
  readonly heartbeat: number | undefined;
  /** stdout is the log of a CI system. */
  readonly ci: CiOutput | undefined;
  /** Ctrl-Z stops this process: SIGTSTP was not ignored when it was started. */
  readonly suspends: boolean;
  /** A coding agent reads it: it gets a summary of at most so many bytes, in place of the log. */
  readonly agentBudget: number | undefined;
  /** They get the same bytes as stdout. */
  readonly copies: readonly Stdout[];
}

/** An agent takes longer silence for a hang. */
const AGENT_HEARTBEAT_S = 10;

/** Shows a build until it ends. @returns how it ended. */
export async function displayLive(
  session: Session,
  run: Running,
  options: ViewOptions,
  setting: DisplaySetting,
): Promise<Status> {
  const { build, logs } = session;
  const { ci, agentBudget, copies } = setting;
  const root = build.jobs[ROOT]!;
  const stdout = new Stdout(asyncWriter(1), { copies });
  const short = agentBudget === undefined ? undefined : new ShortText();
  const shown = short ? new Stdout(short.write) : stdout;
  if (short) warn(`build ${session.id}: ${root.name}`);
  const play = new LivePlay(session, options, setting, shown, stdout);
  const summed = await canShowStatus(setting);
  const status = summed && !setting.piped ? await startStatusLine(session, stdout, setting) : undefined;
  const heartbeat = status ? undefined : startHeartbeat(session, stdout, setting);
  const warnAbove = (text: string): void => {
    status?.wipe();
    warn(text);
  };
  const { status: ended } = await run({
    changed: () => {
      heartbeat?.changed();
      play.changed();
    },
    unsplit: play.unsplit,
    warn: warnAbove,
  });
  heartbeat?.stop();
  await play.finish();
  const ending = {
    build,
    logs,
    status: ended,
    nameOf: play.nameOf,
    ...setting,
    quiet: options.quiet ?? false,
  };
  const report = short
    ? await agentWords({ ...ending, id: session.id, budget: agentBudget!, said: short.text() }, warnAbove)
    : await reportOf(ending, warnAbove);
  const end = ci ? ci.end(report, { ...ending, id: session.id }) : report;
  if (end !== '' && !options.json && !options.raw) stdout.write(Buffer.from(end));
  const last =
    summed && (report === '' || build.ended?.interrupted)
      ? await howMany({ build, logs }, setting.place, options.hideSilent ?? false, warnAbove)
      : '';
  await stdout.flushed();
  status?.stop();
  if (last !== '') warn(last);
  if (summed) await sayPage(setting.place, session.id);
  await sayNotes(session);
  return ended;
}

/**
 * Prints the notes on the recording. Those on what could not be recorded as usual are printed in a pipe, too.
 */
async function sayNotes({ build }: Session): Promise<void> {
  const onTerminal = await isTerminal(2);
  for (const note of build.notes)
    if (onTerminal || note.includes('slots') || build.unsplit.includes(note)) warn(note);
}

async function canShowStatus({ statusRows, ci }: DisplaySetting): Promise<boolean> {
  return statusRows > 0 && canMoveCursor() && !ci && !isCi() && (await isTerminal(2));
}

async function startStatusLine(
  session: Session,
  stdout: Stdout,
  { place, style, terminal, statusRows: rows, suspends }: DisplaySetting,
): Promise<StatusLine> {
  // Measuring text costs a tenth of a start; only a terminal needs it.
  const render = await import('../render/statusline.ts');
  const { Progress } = await import('../view/progress.ts');
  const progress = new Progress(place.store, session.id, session.build);
  const options = { ascii: style.ascii, colour: style.colour, rows };
  const text = (columns: number): string[] =>
    render.statusRows(progress.now(session.total), columns, options);
  return new StatusLine(stdout, text, { shared: terminal, suspends });
}

/** Where output may stay away for so long that somebody takes the build for dead. */
function startHeartbeat(
  session: Session,
  stdout: Stdout,
  { place, heartbeat, agentBudget }: DisplaySetting,
): Heartbeat | undefined {
  const seconds = heartbeat ?? (agentBudget === undefined ? undefined : AGENT_HEARTBEAT_S);
  if (seconds === 0 || (seconds === undefined && !isCi())) return undefined;
  let progress: Progress | undefined;
  return new Heartbeat(stdout, seconds, async () => {
    const { heartbeatText } = await import('../render/statusline.ts');
    const view = await import('../view/progress.ts');
    progress ??= new view.Progress(place.store, session.id, session.build);
    return heartbeatText(progress.now(session.total));
  });
}
