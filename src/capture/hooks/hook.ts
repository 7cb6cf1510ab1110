// The interface of a build tool's hook. All hooks are in one list (list.ts); docs/hooks.md explains how to
// write one.

import type { GraphNode } from '../../model/graph.ts';
import type { WrittenBy } from '../heldtext.ts';
import type { Job, Jobs, Writer } from '../jobs.ts';
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
  /** Stands before the user's own value and a blank; else in its place. */
  readonly before?: true;
  /** Only where the user has set it. */
  readonly ifSet?: true;
  /** The variable in which the user's own value is kept. */
  readonly savedIn?: string;
}

/** What a tool's hook is installed with. */
export interface HookContext {
  readonly workspace: Workspace;
  /** The user's own environment. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** The path of a file of this package's dist/hooks, by its path below src/capture/hooks. */
  readonly file: (name: string) => string;
}

/** One line of `loglin doctor`. */
export interface Finding {
  /** It works as well as it can. */
  readonly ok: boolean;
  readonly what: string;
  /** What to do, or why it is so. */
  readonly remedy?: string;
  /** A build that shows whether it is so. */
  readonly trial?: Trial;
}

/** A build of a few lines. */
export interface Trial {
  /** Their texts by their names; what begins with `#!` is a program. */
  readonly files: Readonly<Record<string, string>>;
  /** The command; this loglin is `$LOGLIN_BIN`. */
  readonly argv: readonly string[];
  /** How many jobs it has, if it is split. */
  readonly jobs: number;
}

/** The wrapped command; its folder in full. */
export interface Command {
  readonly argv: readonly string[];
  readonly cwd: string;
}

/** What a hook works with while the build runs. */
export interface Recording {
  readonly jobs: Jobs;
  readonly slots: Slots;
  readonly workspace: Workspace;
  /** The wrapped command. */
  readonly command: Command;
  /** The text that the slot holds back goes to its job's log: all of it, or whose (HeldText). */
  readonly flush: (slot: Slot, of?: WrittenBy) => void;
  /** Frees the slot, if its job has ended and nobody can write to it any more. */
  readonly release: (slot: Slot) => void;
  /** Is the build over? What has not come by now never will. */
  readonly isOver: () => boolean;
}

/**
 * Takes a record of one kind.
 * @param slot in whose stream the record stood; undefined: it came over the control FIFO.
 * @returns 'wait' where it cannot be dealt with before another stream goes on.
 */
type Handler<K extends Kind> = (fields: Fields<K>, slot: Slot | undefined) => 'wait' | undefined;

/** By their letters, the kinds of records that a hook understands. */
export type Handlers = { readonly [K in Kind]?: Handler<K> };

/** A handler that names the fields itself. */
export type AnyHandler = (values: readonly string[], slot: Slot | undefined) => 'wait' | undefined;

/** The handlers of a hook, each with its letter. */
export function handlersByKind(handlers: Handlers): [Kind, AnyHandler][] {
  return (Object.keys(handlers) as Kind[]).flatMap((kind): [Kind, AnyHandler][] => {
    // The compiler does not see that the handler and the fields are of the same kind.
    const handle = handlers[kind] as Handler<never> | undefined;
    return handle ? [[kind, (values, slot) => handle(fieldsOf(kind, values), slot)]] : [];
  });
}

/** One tool's side of a recording. */
export interface Hook {
  readonly handlers: Handlers;
  /** Graphs that were asked for before the build (--plan). */
  readonly plans?: readonly { readonly cwd: string; readonly nodes: GraphNode[] }[];
  /**
   * How many jobs there will be, where every job of the build is this tool's and the tool has told the
   * number.
   */
  readonly total?: number | undefined;
  /** Other text comes into the slot. */
  beforeText?(slot: Slot): void;
  /**
   * Text that was held back goes to the log of the slot's job.
   * @param by who wrote it, where that is known.
   * @returns what is left for it.
   */
  unclaimed?(slot: Slot, text: Buffer, by: Writer | undefined): Buffer;
  /** Once a round. */
  poll?(): void;
  jobEnded?(job: Job): void;
  /**
   * The wrapped command has ended; all that was in the slots is known. What runs still is taken as ended
   * next.
   */
  ending?(): void;
  /** The build is over. */
  finish?(): void;
}
