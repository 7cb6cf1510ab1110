// The interface of a build tool's hook. All hooks are in one list (list.ts); docs/hooks.md explains how to
// write one.

import type { GraphNode } from '../../model/graph.ts';
import type { Forwards } from '../forwards.ts';
import type { WrittenBy } from '../heldtext.ts';
import type { Job, Jobs, Step, Writer } from '../jobs.ts';
import type { Slot } from '../slot.ts';
import type { Slots } from '../slots.ts';
import { type Fields, type Kind, fieldsOf } from '../wire.ts';
import type { Workspace } from '../workspace.ts';

/** A build tool that loglin splits into jobs. */
export interface Tool {
  /** As `--no-hooks` and `loglin doctor` name it. */
  readonly name: string;
  /** Its programs, as they are named on the PATH. */
  readonly programs: readonly string[];
  /** It is split from inside, by the capture library. */
  readonly inside?: true;
  /**
   * Puts in place what the tool needs to send records.
   * @returns variables for the whole build's environment.
   */
  install?(context: HookContext): Readonly<Record<string, string>>;
  /**
   * Variables for the tool's programs only: the capture library puts them there as they are started, so that
   * nothing else in the build sees them.
   */
  variables?(context: HookContext): readonly ToolVariable[];
  /** Its programs may be binaries; by default only scripts of these names are hooked. */
  readonly binary?: true;
  /** The tool's part of a recording: names jobs and reads the graph. */
  records?(recording: Recording): Hook | undefined;
  /** What works on this machine, for `loglin doctor`. */
  examine?(): readonly Finding[];
}

/** A variable that the tool's programs get. */
export interface ToolVariable {
  readonly name: string;
  readonly value: string;
  /** The value goes before the user's value and a blank; by default it replaces that. */
  readonly before?: true;
  /** Only if the user has set it. */
  readonly ifSet?: true;
  /** The variable that keeps the user's value. */
  readonly savedIn?: string;
}

/** What a tool's hook is installed with. */
export interface HookContext {
  readonly workspace: Workspace;
  /** The user's environment. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** The path of a file of this package's dist/hooks, by its path below src/capture/hooks. */
  readonly file: (name: string) => string;
}

/** One line of `loglin doctor`. */
export interface Finding {
  /** It works as well as possible. */
  readonly ok: boolean;
  readonly what: string;
  /** What to do, or the reason. */
  readonly remedy?: string;
  /** A build that checks it. */
  readonly trial?: Trial;
}

/** A build of a few lines. */
export interface Trial {
  /** The texts of files by their names. A text that begins with `#!` is made executable. */
  readonly files: Readonly<Record<string, string>>;
  /** The command; this loglin is `$LOGLIN_BIN`. */
  readonly argv: readonly string[];
  /** The number of its jobs, if it is split. */
  readonly jobs: number;
}

/** The wrapped command, with an absolute folder. */
export interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
}

/** The services that a hook uses while the build runs. */
export interface Recording {
  readonly jobs: Jobs;
  readonly slots: Slots;
  readonly forwards: Forwards;
  readonly workspace: Workspace;
  /** The wrapped command. */
  readonly command: Command;
  /** Moves text that the slot holds back to its job's log: all of it, or that of some writers (HeldText). */
  readonly flush: (slot: Slot, of?: WrittenBy) => void;
  /** Frees the slot if its job has ended and nobody can write to it any more. */
  readonly release: (slot: Slot) => void;
  /** Is the build over? Then no more records come. */
  readonly isOver: () => boolean;
}

/**
 * Handles a record of one kind.
 * @param slot the slot whose stream has the record; undefined for the control FIFO.
 * @returns 'wait' if it cannot be dealt with until another stream has been read further.
 */
type Handler<K extends Kind> = (fields: Fields<K>, slot: Slot | undefined) => 'wait' | undefined;

/** A hook's handlers, by the letters of their records. */
export type Handlers = { readonly [K in Kind]?: Handler<K> };

/** A handler that gets the fields without names. */
export type AnyHandler = (values: readonly string[], slot: Slot | undefined) => 'wait' | undefined;

/** A hook's handlers with their letters, as functions that name the fields themselves. */
export function handlersByKind(handlers: Handlers): [Kind, AnyHandler][] {
  return (Object.keys(handlers) as Kind[]).flatMap((kind): [Kind, AnyHandler][] => {
    // The compiler cannot see that the handler and the fields belong to the same kind.
    const handle = handlers[kind] as Handler<never> | undefined;
    return handle ? [[kind, (values, slot) => handle(fieldsOf(kind, values), slot)]] : [];
  });
}

/** A tool's part of a recording. */
export interface Hook {
  readonly handlers: Handlers;
  /** Graphs that were asked for before the build (--plan). */
  readonly plans?: readonly { readonly cwd: string; readonly nodes: GraphNode[] }[];
  /**
   * The number of jobs that there will be, if every job of the build is this tool's and its output has the
   * number.
   */
  readonly total?: number | undefined;
  /** Called before other text of a slot is handled. */
  beforeText?(slot: Slot): void;
  /**
   * Called when held text goes to the log of the slot's job.
   * @param by the writer, if it is known.
   * @returns the text that is left for that log.
   */
  unclaimed?(slot: Slot, text: Buffer, by: Writer | undefined): Buffer;
  /** Called once in each round. */
  poll?(): void;
  /** Called when a step of a job has begun. */
  stepBegun?(job: Job, step: Step): void;
  jobEnded?(job: Job): void;
  /**
   * Called after the wrapped command has ended and all slots have been read. Jobs that still run are ended
   * after this.
   */
  ending?(): void;
  /** Called when the build is over. */
  finish?(): void;
}
