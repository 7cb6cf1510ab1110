// Reads what tup prints: its phases, and for each command that has ended a banner, the command's output and
// tup's messages about it. Knows neither jobs nor the data base.
//
//  ~33% 4) [0.019s] src: CC c.c
// <output>
//  *** tup messages ***
//  *** Command ID=22 failed with return value 1
//
// The banner of a command that has failed begins with `* `, and goes to stderr with all that follows.

import stripAnsi from 'strip-ansi';
import type { PrintedCopy } from './printedcopy.ts';

/** What the banner of a command says. */
export interface Banner {
  readonly label: string;
  readonly failed: boolean;
  /** How long it ran; undefined if tup does not say so. */
  readonly seconds: number | undefined;
  /** How many commands are left. */
  readonly left: number | undefined;
}

/** What to make of a banner; `none`: it is none; `later`: that is not known yet, and what follows waits. */
export type Claim = 'none' | 'later' | Claimed;

export interface Claimed {
  /**
   * The file that tup prints now, if the command's output is recorded from there. Otherwise that has to be
   * taken from the text.
   */
  readonly copy: PrintedCopy | undefined;
  /** How many lines the banner has. */
  readonly lines: number;
}

/** Gets what the text says, in order. */
export interface TupText {
  /** @param rest the text that follows, as far as it is there. */
  banner(banner: Banner, rest: Buffer): Claim;
  /** tup begins with a phase. */
  phase(name: string): void;
  /** Output of the command whose banner came last. */
  output(text: Buffer): void;
  /** A line of tup's about that command. @param id the command that it names. */
  message(line: Buffer, plain: string, id: number | undefined): void;
  /** tup's own text. */
  own(text: Buffer): void;
}

const NEWLINE = 0x0a;
/** The end of a longer line is not waited for. */
const LONGEST = 256 * 1024;

/** `[ tup ] [0.024s] Executing Commands...` */
const PHASE = /^\[ tup \] (?:\[\d+\.\d{3}s\] )?(.*)$/;
/** Each part may be turned off. */
const BANNER = /^(\* | )(?:[~ ]?[ \d]{2,3}% )?(?:( *\d+)\) )?(?:\[(\d+\.\d{3})s\] )?(\S.*)$/;
/** A banner behind output that has no end of line. */
const INNER_BANNER = /(?:\* | )[~ ]?[ \d]{1,2}\d% *\d+\) (?:\[\d+\.\d{3}s\] )?\S.*$/;
const MESSAGES = ' *** tup messages ***';
const EXPANDED = 'tup: Expanded command string: ';
const OWN = ' *** tup: ';
const COMMAND_ID = /^ \*\*\* Command ID=(\d+) (?:failed|killed)/;

export class TupOutput {
  readonly #to: TupText;
  #kept: Buffer = Buffer.alloc(0);
  /** Whose text the next line is. */
  #section: 'own' | 'banner' | 'output' | 'messages' = 'own';
  #copy: PrintedCopy | undefined;
  /** The one before, of which tup still keeps a last line without an end: its next text went to stderr. */
  #late: PrintedCopy | undefined;
  #isWaiting = false;
  /** How many lines of the banner are still to come. */
  #bannerLines = 0;

  constructor(to: TupText) {
    this.#to = to;
  }

  push(text: Buffer): void {
    this.#kept = this.#kept.length === 0 ? Buffer.from(text) : Buffer.concat([this.#kept, text]);
    this.resume();
  }

  /** Goes on where a banner had to wait. */
  resume(): void {
    this.#isWaiting = false;
    while (this.#takeCopy() || this.#takeLine());
  }

  /** All has come: what is left is no whole line. */
  end(): void {
    this.resume();
    if (this.#kept.length > 0) this.#line(this.#kept, 0);
    this.#kept = Buffer.alloc(0);
  }

  /** Takes what is printed of the file of a command's output. */
  #takeCopy(): boolean {
    if (this.#kept.length === 0 || this.#bannerLines > 0) return false;
    const taken = this.#copy?.take(this.#kept) ?? 0;
    const late = taken > 0 ? 0 : (this.#late?.takeRest(this.#kept) ?? 0);
    this.#kept = this.#kept.subarray(taken + late);
    if (taken > 0 && this.#section === 'banner') this.#section = 'own';
    if (late > 0) this.#late = undefined;
    if (this.#copy?.isDone) this.#copy = undefined;
    return taken + late > 0;
  }

  #takeLine(): boolean {
    const end = this.#kept.indexOf(NEWLINE) + 1;
    if (this.#isWaiting || (end === 0 && this.#kept.length < LONGEST)) return false;
    const size = end > 0 ? end : this.#kept.length;
    const taken = this.#line(this.#kept.subarray(0, size), size);
    this.#kept = this.#kept.subarray(taken);
    return taken > 0;
  }

  /** Takes a line, or its first part. @param next where the text behind it begins. @returns how much. */
  #line(bytes: Buffer, next: number): number {
    if (this.#bannerLines > 0) {
      this.#bannerLines--;
      return bytes.length;
    }
    // A progress bar stands on the same line, and is wiped out.
    const plain = stripAnsi(bytes.toString('utf8').replace(/\r?\n$/, '')).replace(/^[^]*\r/, '');
    const phase = PHASE.exec(plain)?.[1];
    if (phase !== undefined) {
      this.#begin('own');
      this.#to.phase(phase);
      this.#to.own(bytes);
      return bytes.length;
    }
    const claim = this.#banner(plain, this.#kept.subarray(next));
    if (claim === 'later') {
      this.#isWaiting = true;
      return 0;
    }
    if (claim !== 'none') {
      this.#begin('banner', claim);
      return bytes.length;
    }
    return this.#text(bytes, plain);
  }

  #begin(section: 'own' | 'banner', claimed?: Claimed): void {
    this.#section = claimed && !claimed.copy ? 'output' : section;
    this.#bannerLines = claimed ? claimed.lines - 1 : 0;
    this.#late = this.#copy ?? this.#late;
    this.#copy = claimed?.copy?.isDone === false ? claimed.copy : undefined;
  }

  #banner(plain: string, rest: Buffer): Claim {
    const [, star, left, seconds, label] = BANNER.exec(plain) ?? [];
    if (label === undefined || plain.startsWith(' *** ')) return 'none';
    const number = (text: string | undefined): number | undefined =>
      text === undefined ? undefined : Number(text);
    const banner = { label, failed: star === '* ', seconds: number(seconds), left: number(left) };
    return this.#to.banner(banner, rest);
  }

  /** Takes a line that begins nothing. */
  #text(bytes: Buffer, plain: string): number {
    const id = COMMAND_ID.exec(plain)?.[1];
    if (plain === MESSAGES || id !== undefined) this.#section = 'messages';
    else if (plain.startsWith(OWN)) this.#section = 'own';
    else if (this.#section === 'banner' && !plain.startsWith(EXPANDED)) this.#section = 'own';
    if (this.#section === 'output') return this.#output(bytes, plain);
    if (this.#section === 'own') this.#to.own(bytes);
    else this.#to.message(bytes, plain, id === undefined ? undefined : Number(id));
    return bytes.length;
  }

  /** Takes a line of a command's output; the next banner may stand behind it. */
  #output(bytes: Buffer, plain: string): number {
    const inner = INNER_BANNER.exec(plain)?.[0];
    const at = inner === undefined ? -1 : bytes.lastIndexOf(inner);
    const taken = at > 0 ? at : bytes.length;
    this.#to.output(bytes.subarray(0, taken));
    return taken;
  }
}
