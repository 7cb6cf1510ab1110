// A build that is played to one output while it is recorded, here or below the browser. Knows the player and
// the output, not what else is printed.

import type { Observer } from '../capture/recording.ts';
import type { Session } from '../capture/session.ts';
import type { Order } from '../linearize/walkoptions.ts';
import type { Job } from '../model/build.ts';
import { ROOT } from '../model/ids.ts';
import type { Player } from '../play/player.ts';
import type { Stdout } from '../play/stdout.ts';
import type { Renderer } from '../render/renderer.ts';
import type { Place } from '../store/place.ts';
import { playLive } from '../view/playback.ts';
import type { CiView, Style, ViewOptions } from '../render/renderers.ts';

export interface PlaySetting {
  readonly place: Place;
  readonly style: Style;
  /** The output is a terminal. */
  readonly terminal: boolean;
  readonly order: Order;
  /** Print nothing out of order; wait instead. */
  readonly strict: boolean;
  /** The root job has a name of its own. */
  readonly named: boolean;
  /** The output is the log of a CI system. */
  readonly ci?: CiView | undefined;
}

/** A prompt waits this long in a pipe before it is passed on without its newline. */
const PROMPT_MS = 1000;

const NOTHING = Buffer.alloc(0);

export class LivePlay implements Pick<Observer, 'changed' | 'unsplit'> {
  readonly nameOf: (job: Job) => string;
  readonly #session: Session;
  readonly #pump: Pump;
  readonly #renderer: Pick<Renderer, 'begin' | 'end'>;
  readonly #unsplit: Renderer;
  readonly #output: Stdout;
  readonly #unsplitTo: Stdout;

  /** @param unsplitTo where output goes that could not be split, and so is recorded nowhere. */
  constructor(
    session: Session,
    options: ViewOptions,
    setting: PlaySetting,
    output: Stdout,
    unsplitTo = output,
  ) {
    const { id, build, logs } = session;
    const root = build.jobs[ROOT]!;
    const { player, nameOf, renderer, unsplit } = playLive(
      options,
      { ...setting, id, build, logs, planned: (instance) => session.plannedGraph(instance), output },
      () => [{ job: root }],
    );
    this.nameOf = nameOf;
    this.#session = session;
    this.#renderer = renderer;
    this.#unsplit = unsplit;
    this.#output = output;
    this.#unsplitTo = unsplitTo;
    this.#pump = new Pump(player, output, unsplitTo, setting.terminal, (bytes) => unsplit.text(root, bytes));
    output.write(renderer.begin?.(build, options.u !== undefined) ?? NOTHING);
  }

  readonly changed = (): void => {
    this.#pump.play();
  };

  readonly unsplit = (bytes: Buffer): boolean => this.#pump.unsplit(bytes);

  /** Plays to the end of a build that has ended. */
  async finish(): Promise<void> {
    await this.#pump.finish();
    this.#unsplitTo.write(this.#unsplit.finish());
    this.#output.write(this.#renderer.end?.(this.#session.build) ?? NOTHING);
  }
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
  /**
   * Some of it was written. Nothing more is recorded then, so that the player has only headings, for which a
   * line would be ended that is not.
   */
  #continues = false;

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
    clearTimeout(this.#prompt);
    const state = this.#continues ? 'wait' : this.#player.play();
    if (state !== 'full' && this.#unsplit.length > 0) this.#writeUnsplit();
    if (state === 'full' || (this.#continues && this.#unsplitTo.full)) {
      this.#waitingForRoom = true;
      (this.#continues ? this.#unsplitTo : this.#stdout).onceDrained(() => {
        this.#waitingForRoom = false;
        this.play();
      });
    } else if (state === 'wait' && !this.#continues && !this.#stdout.closed) {
      this.#prompt = setTimeout(() => {
        this.#player.partial();
      }, this.#promptMs);
    }
  }

  /** Takes output that could not be split. @returns whether there is room for more. */
  unsplit(bytes: Buffer): boolean {
    this.#unsplit.push(bytes);
    this.play();
    return !this.#waitingForRoom;
  }

  /** Plays to the end of a build that has ended. */
  async finish(): Promise<void> {
    clearTimeout(this.#prompt);
    if (this.#continues) this.#writeUnsplit();
    while (this.#player.play() === 'full' && !this.#stdout.closed) await this.#stdout.flushed();
    clearTimeout(this.#prompt);
    this.#writeUnsplit();
  }

  /** Writes it below the recorded text, whose last line it continues. */
  #writeUnsplit(): void {
    if (this.#unsplit.length === 0) return;
    if (!this.#continues) this.#player.partial();
    this.#continues = true;
    for (const bytes of this.#unsplit) this.#unsplitTo.write(this.#renderUnsplit(bytes));
    this.#unsplit = [];
    this.#unsplitTo.flush();
  }
}
