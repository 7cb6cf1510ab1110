// Playing a build, live or from its record: the walk, the names, the renderer, and the player that connects
// them.

import { GrowingNames, displayNamesWithPast, isWhole } from '../linearize/names.ts';
import { type Segment, type Segments, segmentsOf } from '../linearize/segments.ts';
import type { Renderer } from '../render/renderer.ts';
import { Walk } from '../linearize/walk.ts';
import type { LineEnd, Order, WalkRoot, WalkOptions } from '../linearize/walkoptions.ts';
import type { Build, Instance, Job } from '../model/build.ts';
import type { Graph } from '../model/graph.ts';
import type { ByteOffset } from '../model/ids.ts';
import { type Output, Player } from '../play/player.ts';
import { lineEnds } from '../record/logsource.ts';
import { GraphHistory } from '../store/graphhistory.ts';
import type { LogSource } from '../record/logsource.ts';
import type { Place } from '../store/place.ts';
import { EarlierBuilds } from './earlierbuilds.ts';
import {
  type CiView,
  type RendererSetting,
  type Style,
  type ViewOptions,
  makeRenderer,
  makeUnsplitRenderer,
} from '../render/renderers.ts';
import type { ViewedBuild } from './viewedbuild.ts';

export interface Playback {
  readonly player: Player;
  readonly nameOf: (job: Job) => string;
  /** Renders what is said of the build before and after everything else. */
  readonly renderer: Pick<Renderer, 'begin' | 'end'>;
}

interface Setting {
  readonly order: Order;
  readonly style: Style;
  /** The output is a terminal. */
  readonly terminal: boolean;
  readonly output: Output;
  /** The output is the log of a CI system. */
  readonly ci?: CiView | undefined;
}

export interface RecordedSetting extends Setting {
  /** What is shown. */
  readonly roots: readonly WalkRoot[];
  /** Stand for what did not run, if that is to be shown. */
  readonly earlier: EarlierBuilds | undefined;
  /** Called when a log is shorter than the record says: bytes from `at` on are missing. */
  readonly short: (job: Job, at: ByteOffset) => void;
}

/** Prepares the printing of a recorded build. */
export function playRecorded(options: ViewOptions, viewed: ViewedBuild, setting: RecordedSetting): Playback {
  const { build, logs } = viewed.recorded;
  const { order, roots, earlier, output, short } = setting;
  const ends = earlier?.lineEnds(viewed.ends) ?? viewed.ends;
  const walkOptions = walkOptionsFor(options, order, build.started?.name !== undefined, earlier);
  const walk = (): Segments => new Walk(build, roots, walkOptions, ends);
  const plain = order === 'needs' && !options.commands && !options.links;
  let { nameOf } = viewed;
  let segments: Segments;
  if (earlier) {
    // Which names occur twice is known at the end.
    const taken = [...segmentsOf(walk())];
    nameOf = displayNamesWithPast(build, roots, taken, walkOptions, ends, () => earlier.opened());
    segments = again(taken);
  } else segments = plain && isWhole(build, roots) ? viewed.segments() : walk();
  const renderer = makeRenderer(options, rendererSetting(build, setting, nameOf, earlier, true));
  const player = new Player(segments, earlier?.logsOf(logs) ?? (() => logs), renderer, output, short);
  return { player, nameOf, renderer };
}

/** Gives segments that were taken from a walk once more. */
function again(taken: readonly Segment[]): Segments {
  let at = 0;
  return { next: () => taken[at++] ?? 'done' };
}

export interface LiveSetting extends Setting {
  readonly place: Place;
  readonly id: string;
  readonly build: Build;
  readonly logs: LogSource;
  /** Print nothing out of order; wait instead. */
  readonly strict?: boolean;
  /** `-t` names the root job. */
  readonly named: boolean;
  /** A graph that was read before the build. */
  readonly planned?: (instance: Instance) => Graph | undefined;
  /** Called when a log is shorter than the record says. */
  readonly short?: (job: Job, at: ByteOffset) => void;
}

export interface LivePlayback extends Playback {
  /** For output that could not be split. */
  readonly unsplit: Renderer;
}

/**
 * Prepares the printing of a build while it is recorded, by this process or by another.
 * @param rootsOf what is shown.
 */
export function playLive(
  options: ViewOptions,
  setting: LiveSetting,
  rootsOf: (nameOf: (job: Job) => string) => readonly WalkRoot[],
): LivePlayback {
  const { place, id, build, logs, order, named } = setting;
  const names = new GrowingNames(named);
  const nameOf = (job: Job): string => names.of(job);
  const history = new GraphHistory(place.store, id);
  const earlier = options.u
    ? new EarlierBuilds(place, id, build, () => build.ended === undefined)
    : undefined;
  const ends: LineEnd = lineEnds(logs, true);
  const walk = new Walk(
    build,
    rootsOf(nameOf),
    {
      ...walkOptionsFor(options, order, named, earlier),
      live: true,
      strict: setting.strict ?? false,
      // A target of redo's runs first and asks for its needs then: live they stand where it does.
      knownGraph: (instance) =>
        instance.tool === 'redo'
          ? undefined
          : (instance.graph ??
            setting.planned?.(instance) ??
            earlier?.graphOf(instance) ??
            history.find(instance)?.graph),
    },
    earlier?.lineEnds(ends) ?? ends,
  );
  const rendering = rendererSetting(build, setting, nameOf, earlier, !setting.terminal);
  const renderer = makeRenderer(options, rendering);
  const logsOf = earlier?.logsOf(logs) ?? (() => logs);
  const short = setting.short ?? (() => undefined);
  const player = new Player(walk, logsOf, renderer, setting.output, short);
  return { player, nameOf, renderer, unsplit: makeUnsplitRenderer(options, rendering) };
}

function walkOptionsFor(
  { commands, links }: ViewOptions,
  order: Order,
  rootHeader: boolean,
  earlier: EarlierBuilds | undefined,
): WalkOptions {
  return {
    order,
    commands: commands ?? false,
    links: links ?? false,
    rootHeader,
    ...earlier?.walkOptions(),
  };
}

function rendererSetting(
  { started }: Build,
  { style, terminal, ci }: Setting,
  nameOf: (job: Job) => string,
  earlier: EarlierBuilds | undefined,
  collapse: boolean,
): RendererSetting {
  const buildOf = (job: Job): string | undefined => earlier?.recordedOf(job)?.id;
  return { style, terminal, ci, nameOf, collapse, coloured: started?.coloured ?? false, buildOf };
}
