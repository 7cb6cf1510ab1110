// The live display of a build that this process records: log text on stdout as it arrives, the status line
// below it, and the failure report at the end. Decides when something is written, not what.

import type { Observer } from '../capture/recording.ts';
import type { Outcome, Session } from '../capture/session.ts';
import type { Order } from '../linearize/walkoptions.ts';
import type { Status } from '../model/events.ts';
import { ROOT } from '../model/ids.ts';
import type { Player } from '../play/player.ts';
import { Stdout } from '../play/stdout.ts';
import type { Place } from '../store/place.ts';
import { playLive } from '../view/playback.ts';
import type { Style, ViewOptions } from '../view/renderers.ts';
import type { Progress } from '../view/progress.ts';
import type { CiOutput } from './cioutput.ts';
import { Heartbeat } from './heartbeat.ts';
import { StatusLine } from './statusline.ts';
import { ShortText, agentWords } from './agentwords.ts';
import { howMany, reportOf } from './lastwords.ts';
import { warn } from './stderr.ts';
import { canMoveCursor, isCi, isTerminal } from './terminal.ts';

/** Runs the session, or lets it continue, with this observer. */
export type Running = (observer: Observer) => Promise<Outcome>;

export interface DisplaySetting {
  readonly place: Place;
  readonly style: Style;
  /** stdout is a terminal. */
  readonly terminal: boolean;
  readonly order: Order;
  /** Print nothing out of order; wait instead. */
  readonly strict: boolean;
  /** The root job has a name of its own. */
  readonly named: boolean;
  /** How many rows the status line may have, where stderr is a terminal that can show one; 0: none. */
  readonly statusRows: number;
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
}

/** A prompt waits this long in a pipe before it is passed on without its newline. */
const PROMPT_MS = 1000;
/** An agent takes longer silence for a hang. */
const AGENT_HEARTBEAT_S = 10;

const NOTHING = Buffer.alloc(0);

/** Shows a build until it ends. @returns how it ended. */
export async function displayLive(
  session: Session,
  run: Running,
  options: ViewOptions,
  setting: DisplaySetting,
): Promise<Status> {
  const { build, logs } = session;
  const { terminal, ci, agentBudget } = setting;
  const root = build.jobs[ROOT]!;
  const stdout = new Stdout();
  const short = agentBudget === undefined ? undefined : new ShortText();
  const shown = short ? new Stdout(short.write) : stdout;
  if (short) warn(`build ${session.id}: ${root.name}`);
  const { player, nameOf, renderer, unsplit } = playLive(
    options,
    {
      ...setting,
      id: session.id,
      build,
      logs,
      planned: (instance) => session.plannedGraph(instance),
      output: shown,
    },
    () => [{ job: root }],
  );
  shown.write(renderer.begin?.(build, options.u !== undefined) ?? NOTHING);
  const status = (await canShowStatus(setting)) ? await startStatusLine(session, stdout, setting) : undefined;
  const heartbeat = status ? undefined : startHeartbeat(session, stdout, setting);
  const warnAbove = (text: string): void => {
    status?.wipe();
    warn(text);
  };
  const pump = new Pump(player, shown, stdout, terminal, (bytes) => unsplit.text(root, bytes));
  const { status: ended } = await run({
    changed: () => {
      heartbeat?.changed();
      pump.play();
    },
    unsplit: (bytes) => pump.unsplit(bytes),
    warn: warnAbove,
  });
  heartbeat?.stop();
  await pump.finish();
  stdout.write(unsplit.finish());
  shown.write(renderer.end?.(build) ?? NOTHING);
  const ending = { build, logs, status: ended, nameOf, ...setting, quiet: options.quiet ?? false };
  const report = short
    ? await agentWords({ ...ending, id: session.id, budget: agentBudget!, said: short.text() }, warnAbove)
    : await reportOf(ending, warnAbove);
  const end = ci ? ci.end(report, { ...ending, id: session.id }) : report;
  if (end !== '' && !options.json && !options.raw) stdout.write(Buffer.from(end));
  const last =
    status && (report === '' || build.ended?.interrupted)
      ? await howMany({ build, logs }, setting.place, options.hideSilent ?? false, warnAbove)
      : '';
  await stdout.flushed();
  status?.stop();
  if (last !== '') warn(last);
  await sayNotes(session);
  logs.close();
  return ended;
}

/** Moves text from the player to stdout whenever there is text and room for it. */
class Pump {
  readonly #player: Player;
  readonly #stdout: Stdout;
  readonly #unsplitTo: Stdout;
  readonly #promptMs: number;
  readonly #renderUnsplit: (bytes: Buffer) => Buffer;
  #waitingForRoom = false;
  #prompt: NodeJS.Timeout | undefined;
  /**
   * Output that could not be split. It follows all recorded output, and continues its last line if that was
   * cut.
   */
  #unsplit: Buffer[] = [];

  constructor(
    player: Player,
    stdout: Stdout,
    unsplitTo: Stdout,
    terminal: boolean,
    renderUnsplit: (bytes: Buffer) => Buffer,
  ) {
    this.#player = player;
    this.#stdout = stdout;
    this.#unsplitTo = unsplitTo;
    this.#promptMs = terminal ? 0 : PROMPT_MS;
    this.#renderUnsplit = renderUnsplit;
  }

  play(): void {
    if (this.#waitingForRoom) return;
    const state = this.#player.play();
    clearTimeout(this.#prompt);
    if (state === 'wait' && !this.#stdout.closed)
      this.#prompt = setTimeout(() => {
        this.#player.partial();
      }, this.#promptMs);
    if (state !== 'full') return;
    this.#waitingForRoom = true;
    this.#stdout.onceDrained(() => {
      this.#waitingForRoom = false;
      this.play();
    });
  }

  /** Takes output that could not be split. @returns whether there is room for more. */
  unsplit(bytes: Buffer): boolean {
    this.#unsplit.push(bytes);
    this.play();
    if (this.#waitingForRoom) return this.#unsplit.length === 0;
    clearTimeout(this.#prompt);
    this.#player.partial();
    this.#writeUnsplit();
    this.#unsplitTo.flush();
    return !this.#unsplitTo.full;
  }

  /** Plays to the end of a build that has ended. */
  async finish(): Promise<void> {
    clearTimeout(this.#prompt);
    let state = this.#player.play();
    for (; state === 'full' && !this.#stdout.closed; state = this.#player.play())
      await this.#stdout.flushed();
    clearTimeout(this.#prompt);
    this.#writeUnsplit();
  }

  #writeUnsplit(): void {
    for (const bytes of this.#unsplit) this.#unsplitTo.write(this.#renderUnsplit(bytes));
    this.#unsplit = [];
  }
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
