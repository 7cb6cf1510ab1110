// How a build is shown while it is recorded, by this process or by another: the walk, the names and the renderer of a live display.

import { GrowingNames } from '../linearize/names.ts';
import { type Order, type Root, Walk } from '../linearize/walk.ts';
import type { Build, Instance, Job } from '../model/build.ts';
import type { Graph } from '../model/graph.ts';
import type { ByteOffset } from '../model/ids.ts';
import { Past } from '../play/past.ts';
import { type Output, Player, lineEnds } from '../play/player.ts';
import { GraphHistory } from '../store/graphhistory.ts';
import type { Place } from '../store/place.ts';
import type { LogSource } from '../store/logs.ts';
import type { Renderer } from '../render/renderer.ts';
import { type RendererSetting, type ViewOptions, makeRenderer, makeUnsplitRenderer } from './render.ts';
import type { Look } from './terminal.ts';

export interface LiveSetting {
  readonly place: Place;
  readonly id: string;
  readonly build: Build;
  readonly logs: LogSource;
  readonly order: Order;
  /** Print nothing out of order; wait instead. */
  readonly strict?: boolean;
  readonly view: Look;
  readonly terminal: boolean;
  /** `-t` names the root job. */
  readonly named: boolean;
  /** A graph that was read before the build. */
  readonly planned?: (instance: Instance) => Graph | undefined;
  readonly output: Output;
  /** Called when a log is shorter than the record says. */
  readonly short?: (job: Job, at: ByteOffset) => void;
}

export interface Live {
  readonly player: Player;
  readonly nameOf: (job: Job) => string;
  /** For what it says of the build before and after all else. */
  readonly renderer: Pick<Renderer, 'begin' | 'end'>;
  /** For output that could not be split. */
  readonly unsplit: Renderer;
}

/** @param rootsOf what is shown. */
export function startLive(
  options: ViewOptions,
  setting: LiveSetting,
  rootsOf: (nameOf: (job: Job) => string) => readonly Root[],
): Live {
  const { place, id, build, logs, order, view, terminal, named } = setting;
  const names = new GrowingNames(named);
  const nameOf = (job: Job): string => names.of(job);
  const history = new GraphHistory(place.store, id);
  const past = options.u ? new Past(place, id, build, () => build.ended === undefined) : undefined;
  const ends = lineEnds(logs, true);
  const walk = new Walk(
    build,
    rootsOf(nameOf),
    {
      order,
      live: true,
      strict: setting.strict ?? false,
      commands: options.commands ?? false,
      links: options.links ?? false,
      rootHeader: named,
      ...past?.walkOptions(),
      // A target of redo's runs first and asks for its needs then: live they stand where it does.
      knownGraph: (instance) =>
        instance.tool === 'redo'
          ? undefined
          : (instance.graph ??
            setting.planned?.(instance) ??
            past?.graphOf(instance) ??
            history.find(instance)?.graph),
    },
    past?.lineEnds(ends) ?? ends,
  );
  const rendererSetting: RendererSetting = {
    look: view,
    terminal,
    nameOf,
    collapse: !terminal,
    coloured: build.started?.coloured ?? false,
    buildOf: (job) => past?.recordedOf(job)?.id,
  };
  const renderer = makeRenderer(options, rendererSetting);
  const logsOf = past?.logsOf(logs) ?? (() => logs);
  const short = setting.short ?? (() => undefined);
  const player = new Player(walk, logsOf, renderer, setting.output, short);
  return { player, nameOf, renderer, unsplit: makeUnsplitRenderer(options, rendererSetting) };
}
