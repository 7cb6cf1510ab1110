// How segments become text: one small interface, several ways behind it (plain, prefixed lines, headers only, JSON, the bytes alone).
// Knows no file and no terminal: bytes come in, bytes go out, and the names are given.

import type { Heading, Renderer } from '../linearize/segments.ts';
import { type Build, type Job, failed, folderOf } from '../model/build.ts';
import type { Unmade } from '../linearize/unmade.ts';
import type { Status } from '../model/events.ts';
import { isUtf8 } from 'node:buffer';
import { escapeName, jsonText, shellWord } from '../model/printable.ts';
import { wholeCharacters } from '../model/utf8.ts';
import { buildEvent, endEvent, endOf } from './buildevents.ts';
import { CarriageFilter } from './carriage.ts';
import { Sanitizer } from './sanitize.ts';

export interface RenderOptions {
  readonly nameOf: (job: Job) => string;
  readonly ascii: boolean;
  /** Colour in what loglin itself prints. */
  readonly colour: boolean;
  /** What of the job's own escape sequences passes. */
  readonly escapes: 'all' | 'colours' | 'none';
  /** `\r` progress: only what the line ended as. */
  readonly collapse: boolean;
  /** When and how long. */
  readonly times: boolean;
  /** The id of the earlier build that a job belongs to, if it is not of the build that is shown. */
  readonly buildOf?: ((job: Job) => string | undefined) | undefined;
}

const EMPTY = Buffer.alloc(0);
const NEWLINE = 0x0a;
const ESC = 0x1b;
const COLOURS_OFF = Buffer.from('\x1b[0m');

const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
};

/** `exit 2`, `SIGSEGV`. */
export function statusText(status: Status): string {
  return 'exit' in status ? `exit ${status.exit}` : (SIGNALS[status.signal] ?? `signal ${status.signal}`);
}

/** Seconds, as short as they can be told apart. */
export function duration(ms: number): string {
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)}s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const rest = String(seconds % 60).padStart(2, '0');
  return minutes < 60
    ? `${minutes}m${rest}s`
    : `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, '0')}m`;
}

/** Takes a job's bytes to what may be shown of them; a line of it is whole when the next thing is printed. */
class TextFilter {
  readonly #carriage: CarriageFilter | undefined;
  readonly #sanitizer: Sanitizer | undefined;
  readonly #terminal: boolean;
  /** For a terminal: a colour was switched on last, and not off. It might hide what is not the job's. */
  coloured = false;

  constructor(options: RenderOptions) {
    if (options.collapse) this.#carriage = new CarriageFilter();
    this.#terminal = options.escapes === 'colours';
    if (options.escapes !== 'all') this.#sanitizer = new Sanitizer(this.#terminal ? 'colours' : 'strip');
  }

  push(bytes: Buffer): Buffer {
    const text = this.#carriage ? this.#carriage.push(bytes) : bytes;
    return this.#seen(this.#sanitizer ? this.#sanitizer.push(text) : text);
  }

  partial(): Buffer {
    const text = this.#carriage?.takePartial() ?? EMPTY;
    return this.#seen(this.#sanitizer ? this.#sanitizer.push(text) : text);
  }

  flush(): Buffer {
    const text = this.#carriage?.flush() ?? EMPTY;
    return this.#seen(
      this.#sanitizer ? Buffer.concat([this.#sanitizer.push(text), this.#sanitizer.flush()]) : text,
    );
  }

  #seen(text: Buffer): Buffer {
    if (this.#terminal) this.coloured = leavesColour(text, this.coloured);
    return text;
  }
}

/** Is a colour on after this text, of whose escape sequences only whole ones of colours are left? @param before was one on before it? */
function leavesColour(text: Buffer, before: boolean): boolean {
  const last = text.lastIndexOf(ESC);
  return last < 0 ? before : !/^\x1b\[0*m/.test(text.toString('latin1', last, last + 8));
}

/** The headings' text, the same in every view that has them. */
class Headings {
  readonly #options: RenderOptions;

  constructor(options: RenderOptions) {
    this.#options = options;
  }

  #absent(unmade: Unmade | undefined): string {
    const never = 'no log: it never ran under loglin';
    return unmade ? `${unmadeText(unmade, this.#options.nameOf)}; ${never}` : never;
  }

  /** A line without its newline, for a command possibly several; '' where this view says nothing. */
  line(segment: Heading): string {
    const { ascii, times, colour } = this.#options;
    const paint = (code: string, text: string): string => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
    if (segment.kind === 'command')
      return commandLines(segment.step.argv)
        .map((line) => paint('2', line))
        .join('\n');
    const indent = '  '.repeat(Math.max(0, segment.depth));
    const arrow = ascii ? '>' : '▸';
    if (segment.kind === 'absent')
      return paint('2', `${indent}${arrow} ${escapeName(segment.name)} (${this.#absent(segment.unmade)})`);
    const { job } = segment;
    const name = escapeName(this.#options.nameOf(job));
    switch (segment.kind) {
      case 'enter':
        return (
          paint('1', `${indent}${arrow} ${name}`) +
          (segment.unmade
            ? paint('2', ` (${oldText(segment.unmade, segment.around, this.#options.nameOf)})`)
            : '') +
          (times ? ` (at ${duration(job.started)})` : '')
        );
      case 'resume':
        return paint('1', `${indent}${arrow} ${name}`) + paint('2', ' (resumed)');
      case 'seen':
        return paint('2', `${indent}${arrow} ${name} (above)`);
      case 'leave': {
        const took = times && job.ended !== undefined ? ` ${duration(job.ended - job.started)}` : '';
        if (failed(job) && job.status)
          return paint('1;31', `${indent}${ascii ? 'x' : '✗'} ${name} (${statusText(job.status)})`) + took;
        return took === '' ? '' : paint('2', `${indent}${ascii ? '.' : '✓'} ${name}${took}`);
      }
    }
  }
}

/** So many names are in a sentence. */
const NAMED = 3;

/** Names in a sentence: the first of them, and how many more. */
function namesText(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).map(escapeName).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** Why a target is not known to be up to date: `not made: a.o failed`. */
export function unmadeText({ state, failed: jobs, end }: Unmade, nameOf: (job: Job) => string): string {
  const names = namesText(jobs.map(nameOf));
  if (state === 'blocked') return `not made: ${names} failed`;
  if (end === 'running') return 'not made yet: the build runs';
  if (end === 'interrupted') return 'not reached: the build was interrupted';
  if (end === undefined) return `not reached: ${names} failed`;
  const tool = escapeName(end.tool);
  return names === '' ? `not reached: ${tool} failed` : `not reached: ${tool} stopped at ${names}`;
}

/** What an earlier log is that stands for such a target. @param around a block around it says why. */
function oldText(unmade: Unmade, around: true | undefined, nameOf: (job: Job) => string): string {
  const old = unmade.state === 'blocked' ? 'old' : 'perhaps old';
  return around ? old : `${old}, ${unmadeText(unmade, nameOf)}`;
}

/** The same as an object (docs/json.md). */
export function unmadeRecord({ state, failed: jobs, end }: Unmade, nameOf: (job: Job) => string): object {
  const stopped = typeof end === 'object' ? end.tool : null;
  return { state, failed: jobs.map(nameOf), stopped, ended: typeof end === 'string' ? end : null };
}

/** A command as one would type it: what a shell is given with -c, else the words. */
export function commandLine(argv: readonly string[]): string {
  const script =
    argv.length > 2 &&
    /(^|\/)(ba|da|k|z|a|mk)?sh$/.test(argv[0] ?? '') &&
    /^-[a-z]*c$/.test(argv.at(-2) ?? '');
  if (script) return argv.at(-1) ?? '';
  return argv.map(shellWord).join(' ');
}

/** A command as it is shown in lines of its own: `$ `, and below that what comes after its newlines. */
function commandLines(argv: readonly string[]): string[] {
  return commandLine(argv)
    .split('\n')
    .map((line, i) => `${i === 0 ? '$' : ' '} ${escapeName(line)}`);
}

/** The log as it is read: job output in column 0, headers between. */
export class PlainRenderer implements Renderer {
  readonly #options: RenderOptions;
  readonly #headings: Headings;
  #filter: TextFilter;
  #current: Job | undefined;
  #midLine = false;

  constructor(options: RenderOptions) {
    this.#options = options;
    this.#headings = new Headings(options);
    this.#filter = new TextFilter(options);
  }

  heading(segment: Heading): Buffer {
    const line = this.#headings.line(segment);
    const end = this.#endText();
    return line === '' ? end : Buffer.concat([end, Buffer.from(`${line}\n`)]);
  }

  text(job: Job, bytes: Buffer): Buffer {
    const end = this.#current === job ? EMPTY : this.#endText();
    this.#current = job;
    const text = this.#filter.push(bytes);
    if (text.length > 0) this.#midLine = text[text.length - 1] !== NEWLINE;
    return end.length > 0 ? Buffer.concat([end, text]) : text;
  }

  partial(): Buffer {
    const text = this.#filter.partial();
    if (text.length > 0) this.#midLine = true;
    return text;
  }

  finish(): Buffer {
    return this.#endText();
  }

  /** The end of a stretch of text: its last line gets a newline if it has none. */
  #endText(): Buffer {
    if (!this.#current) return EMPTY;
    this.#current = undefined;
    let rest = this.#filter.flush();
    if (rest.length > 0) this.#midLine = rest[rest.length - 1] !== NEWLINE;
    if (this.#filter.coloured) rest = Buffer.concat([rest, COLOURS_OFF]);
    if (this.#midLine) rest = Buffer.concat([rest, Buffer.from('\n')]);
    this.#filter = new TextFilter(this.#options);
    this.#midLine = false;
    return rest;
  }
}

/** Headers and failures, no output. */
export class HeadingsRenderer implements Renderer {
  readonly #headings: Headings;

  constructor(options: RenderOptions) {
    this.#headings = new Headings(options);
  }

  heading(segment: Heading): Buffer {
    const line = segment.kind === 'resume' ? '' : this.#headings.line(segment);
    return line === '' ? EMPTY : Buffer.from(`${line}\n`);
  }

  text(): Buffer {
    return EMPTY;
  }

  partial(): Buffer {
    return EMPTY;
  }

  finish(): Buffer {
    return EMPTY;
  }
}

/** Nothing: for --quiet. */
export class SilentRenderer extends HeadingsRenderer {
  override heading(): Buffer {
    return EMPTY;
  }
}

/** The bytes of the logs and nothing else. */
export class RawRenderer extends SilentRenderer {
  override text(_job?: Job, bytes: Buffer = EMPTY): Buffer {
    return bytes;
  }
}

/** A line longer than this is passed on in pieces. */
const LONGEST_LINE = 256 * 1024;

/** Cuts a job's text into lines; the last one may lack its newline. */
class Lines {
  #rest: Buffer[] = [];
  #held = 0;

  /** The lines that are whole now; of one that is too long to be held, what there is, up to a whole character. */
  push(bytes: Buffer): Buffer {
    const last = bytes.lastIndexOf(NEWLINE);
    if (last >= 0) {
      const whole = Buffer.concat([...this.#rest, bytes.subarray(0, last + 1)]);
      this.#hold(bytes.subarray(last + 1));
      return whole;
    }
    if (this.#held + bytes.length < LONGEST_LINE) {
      if (bytes.length > 0) this.#rest.push(Buffer.from(bytes));
      this.#held += bytes.length;
      return EMPTY;
    }
    const piece = Buffer.concat([...this.#rest, bytes]);
    const end = wholeCharacters(piece);
    this.#hold(piece.subarray(end));
    return piece.subarray(0, end);
  }

  flush(): Buffer {
    const rest = Buffer.concat(this.#rest);
    this.#hold(EMPTY);
    return rest;
  }

  #hold(bytes: Buffer): void {
    this.#rest = bytes.length > 0 ? [Buffer.from(bytes)] : [];
    this.#held = bytes.length;
  }
}

/** Every line with its job's name before it. */
export class PrefixRenderer implements Renderer {
  readonly #options: RenderOptions;
  #filter: TextFilter;
  #lines = new Lines();
  #current: Job | undefined;
  /** A line was begun that is too long to be held. */
  #midLine = false;
  /** A colour is on in it, and would be on in the next line's name. */
  #coloured = false;

  constructor(options: RenderOptions) {
    // Lines are whole: what was redrawn is of no use, and would take the name's place.
    this.#options = { ...options, collapse: true };
    this.#filter = new TextFilter(this.#options);
  }

  heading(segment: Heading): Buffer {
    const end = this.#endText();
    if (segment.kind === 'absent') return end;
    const { job } = segment;
    if (segment.kind === 'command')
      return Buffer.concat([end, ...commandLines(segment.step.argv).map((line) => this.#line(job, line))]);
    if (segment.kind === 'enter' && segment.unmade)
      return Buffer.concat([
        end,
        this.#line(job, `(${oldText(segment.unmade, segment.around, this.#options.nameOf)})`),
      ]);
    if (segment.kind !== 'leave' || !failed(job) || !job.status) return end;
    return Buffer.concat([
      end,
      this.#line(job, `${this.#options.ascii ? 'x' : '✗'} ${statusText(job.status)}`),
    ]);
  }

  text(job: Job, bytes: Buffer): Buffer {
    const end = this.#current === job ? EMPTY : this.#endText();
    this.#current = job;
    return Buffer.concat([end, this.#prefixed(job, this.#lines.push(this.#filter.push(bytes)))]);
  }

  partial(): Buffer {
    return EMPTY;
  }

  finish(): Buffer {
    return this.#endText();
  }

  #line(job: Job, text: string): Buffer {
    return Buffer.from(`${this.#prefix(job)}${text}\n`);
  }

  #prefix(job: Job): string {
    const name = escapeName(this.#options.nameOf(job));
    return this.#options.colour ? `\x1b[1m${name}\x1b[0m: ` : `${name}: `;
  }

  #prefixed(job: Job, lines: Buffer): Buffer {
    if (lines.length === 0) return EMPTY;
    const prefix = Buffer.from(this.#prefix(job));
    const parts: Buffer[] = [];
    for (let at = 0; at < lines.length;) {
      let end = lines.indexOf(NEWLINE, at);
      if (end < 0) end = lines.length - 1;
      if (!this.#midLine) parts.push(prefix);
      this.#midLine = lines[end] !== NEWLINE;
      const line = lines.subarray(at, end + 1);
      if (this.#options.escapes === 'colours') this.#coloured = leavesColour(line, this.#coloured);
      if (this.#coloured && !this.#midLine) {
        parts.push(line.subarray(0, -1), COLOURS_OFF, line.subarray(-1));
        this.#coloured = false;
      } else parts.push(line);
      at = end + 1;
    }
    return Buffer.concat(parts);
  }

  #endText(): Buffer {
    const job = this.#current;
    if (!job) return EMPTY;
    this.#current = undefined;
    const whole = this.#prefixed(job, this.#lines.push(this.#filter.flush()));
    const rest = this.#prefixed(job, this.#lines.flush());
    this.#filter = new TextFilter(this.#options);
    const off = this.#coloured ? COLOURS_OFF : EMPTY;
    const end = this.#midLine ? Buffer.from('\n') : EMPTY;
    this.#midLine = this.#coloured = false;
    return Buffer.concat([whole, rest, off, end]);
  }
}

/** NDJSON render events (docs/json.md). Bytes that are not UTF-8 travel as base64. */
export class JsonRenderer implements Renderer {
  readonly #options: RenderOptions;
  readonly #entered = new Set<Job>();
  #lines = new Lines();
  #current: Job | undefined;
  #part = false;

  constructor(options: RenderOptions) {
    this.#options = options;
  }

  #unmade(unmade: Unmade | undefined): object {
    return unmade ? { unmade: unmadeRecord(unmade, this.#options.nameOf) } : {};
  }

  begin({ started }: Build, part: boolean): Buffer {
    this.#part = part;
    return started ? line(buildEvent(started, part)) : EMPTY;
  }

  end(build: Build): Buffer {
    // They have neither text nor a header, but they ran.
    const silent = this.#part ? [] : build.jobs.filter((job) => job.parent && !this.#entered.has(job));
    return Buffer.concat([
      ...silent.map((job) =>
        line({ type: 'silent', ...this.#identity(job), ...folderEvent(job), ...endOf(job) }),
      ),
      line(endEvent(build)),
    ]);
  }

  heading(segment: Heading): Buffer {
    const end = this.#endText();
    if (segment.kind === 'absent')
      return Buffer.concat([
        end,
        line({ type: 'absent', name: segment.name, depth: segment.depth, ...this.#unmade(segment.unmade) }),
      ]);
    const { job } = segment;
    const base = { type: segment.kind, ...this.#identity(job) };
    let event: Record<string, unknown>;
    if (segment.kind === 'command') event = { ...base, argv: segment.step.argv };
    else if (segment.kind === 'leave') event = { ...base, depth: segment.depth, ...endOf(job) };
    else if (segment.kind === 'enter') {
      this.#entered.add(job);
      event = {
        ...base,
        depth: segment.depth,
        started: job.started,
        ...folderEvent(job),
        ...this.#unmade(segment.unmade),
      };
    } else event = { ...base, depth: segment.depth };
    return Buffer.concat([end, line(event)]);
  }

  text(job: Job, bytes: Buffer): Buffer {
    const end = this.#current === job ? EMPTY : this.#endText();
    this.#current = job;
    return Buffer.concat([end, this.#event(job, this.#lines.push(bytes))]);
  }

  partial(): Buffer {
    return EMPTY;
  }

  finish(): Buffer {
    return this.#endText();
  }

  #event(job: Job, bytes: Buffer): Buffer {
    if (bytes.length === 0) return EMPTY;
    const content = isUtf8(bytes) ? { text: bytes.toString() } : { base64: bytes.toString('base64') };
    return line({ type: 'text', ...this.#identity(job), ...content });
  }

  /** Which job; with `-u`, also of which build, if it is another one. */
  #identity(job: Job): { job: number; name: string; build?: string } {
    const build = this.#options.buildOf?.(job);
    return { job: job.id, name: this.#options.nameOf(job), ...(build === undefined ? {} : { build }) };
  }

  #endText(): Buffer {
    const job = this.#current;
    if (!job) return EMPTY;
    this.#current = undefined;
    return this.#event(job, this.#lines.flush());
  }
}

function line(event: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(`${jsonText(event)}\n`);
}

function folderEvent(job: Job): { readonly folder?: string } {
  const folder = folderOf(job);
  return folder === undefined ? {} : { folder };
}
