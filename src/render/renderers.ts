// Chooses the renderer for what the user wants to see. Knows no terminal: it is told what the output may
// contain.

import type { Job } from '../model/build.ts';
import { HideSilent } from './hidesilent.ts';
import { HeadingsRenderer } from './headings.ts';
import { JsonRenderer } from './json.ts';
import { PlainRenderer } from './plain.ts';
import { PrefixRenderer } from './prefix.ts';
import { RawRenderer, SilentRenderer } from './raw.ts';
import type { RenderOptions, Renderer } from './renderer.ts';

/** What is shown of a build, and in which form. */
export interface ViewOptions {
  /** Also the needs that did not run. */
  readonly u?: true;
  readonly prefix?: true;
  readonly details: boolean;
  readonly quiet?: true;
  readonly hideSilent?: boolean;
  readonly times?: true;
  readonly json?: true;
  readonly raw?: true;
  readonly commands?: true;
  readonly links?: true;
}

/** Colours and characters that output may contain. */
export interface Style {
  /** Colour in what loglin prints. */
  readonly colour: boolean;
  /** No colours at all: the user said never. */
  readonly never: boolean;
  readonly ascii: boolean;
}

/** Makes the log what a CI system reads (render/ci). */
export interface CiView {
  /** What the jobs print was obeyed when they ran, and must not be obeyed again. */
  readonly replay: boolean;
  /** `\r` has a meaning in the log. */
  readonly redraws: boolean;
  /** A renderer with groups. */
  renderer(options: RenderOptions): Renderer;
  /** A renderer that prints what this one prints, with nothing in it that acts as a command. */
  inert(renderer: Renderer): Renderer;
}

export interface RendererSetting {
  readonly style: Style;
  /** The output is a terminal. */
  readonly terminal: boolean;
  readonly nameOf: (job: Job) => string;
  /** `\r` progress is shown as it ended. */
  readonly collapse: boolean;
  /** The recorded programs were asked for colours. */
  readonly coloured: boolean;
  /** The output is the log of a CI system. */
  readonly ci?: CiView | undefined;
  /** The id of the earlier build that a job belongs to, if it is not of the one that is shown. */
  readonly buildOf?: ((job: Job) => string | undefined) | undefined;
}

export function makeRenderer(options: ViewOptions, setting: RendererSetting): Renderer {
  const renderer = rendererOf(options, setting);
  return options.hideSilent ? new HideSilent(renderer) : renderer;
}

function rendererOf(options: ViewOptions, setting: RendererSetting): Renderer {
  const { style, terminal, nameOf, coloured, buildOf, ci } = setting;
  // A pipe gets what the programs wrote; but not the colours that they wrote only because we asked for them.
  const strip = style.never || (!terminal && coloured && !style.colour);
  const renderOptions: RenderOptions = {
    nameOf,
    ascii: style.ascii,
    colour: style.colour,
    highlight: style.colour && !strip,
    escapes: strip ? 'none' : escapesFor(terminal, ci),
    collapse: setting.collapse && !(ci && !ci.replay && ci.redraws),
    times: options.times ?? false,
    buildOf,
  };
  if (options.raw) return new RawRenderer();
  if (options.quiet) return new SilentRenderer();
  if (options.json) return new JsonRenderer(renderOptions);
  if (options.details && !options.prefix)
    return ci ? ci.renderer(renderOptions) : new PlainRenderer(renderOptions);
  const lines = options.details ? new PrefixRenderer(renderOptions) : new HeadingsRenderer(renderOptions);
  return ci?.replay ? ci.inert(lines) : lines;
}

/** A CI system's terminal is a log, which gets what it would get without loglin. */
function escapesFor(terminal: boolean, ci: CiView | undefined): RenderOptions['escapes'] {
  if (ci) return ci.replay ? 'colours' : 'all';
  return terminal ? 'colours' : 'all';
}

/**
 * The renderer for output that could not be split. It is printed whatever the options say, since it is
 * recorded nowhere.
 */
export function makeUnsplitRenderer({ json }: ViewOptions, setting: RendererSetting): Renderer {
  return makeRenderer(
    { details: true, ...(json && { json }) },
    { ...setting, collapse: false, ci: undefined },
  );
}
