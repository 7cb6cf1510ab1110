// From options to a renderer.

import fs from 'node:fs';
import path from 'node:path';
import { readCommandLine } from '../capture/hooks/make/commandline.ts';
import type { Build, Job } from '../model/build.ts';
import { Failure } from '../model/failure.ts';
import { HideSilent } from '../render/hidesilent.ts';
import { HeadingsRenderer } from '../render/headings.ts';
import { JsonRenderer } from '../render/json.ts';
import { PlainRenderer } from '../render/plain.ts';
import { PrefixRenderer } from '../render/prefix.ts';
import { RawRenderer, SilentRenderer } from '../render/raw.ts';
import type { RenderOptions, Renderer } from '../render/renderer.ts';
import { type Place, configFile } from '../store/place.ts';
import type { Look } from './terminal.ts';

/** The options of every command that prints logs. */
export interface ViewOptions {
  readonly order?: string;
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
  readonly color?: string | boolean;
  readonly ascii?: true;
}

export function orderOption(options: ViewOptions): 'needs' | 'launch' | undefined {
  const { order } = options;
  if (order === undefined || order === 'needs' || order === 'launch') return order;
  throw new Failure(`--order=${order}: want needs or launch`);
}

export interface RendererSetting {
  readonly look: Look;
  readonly terminal: boolean;
  readonly nameOf: (job: Job) => string;
  /** `\r` progress is shown as it ended. */
  readonly collapse: boolean;
  /** The recorded programs were asked for colours. */
  readonly coloured: boolean;
  /** The id of the earlier build that a job belongs to, if it is not of the one that is shown. */
  readonly buildOf?: ((job: Job) => string | undefined) | undefined;
}

export function makeRenderer(options: ViewOptions, setting: RendererSetting): Renderer {
  const renderer = plainOrOther(options, setting);
  return options.hideSilent ? new HideSilent(renderer) : renderer;
}

/**
 * Are jobs that said nothing left out? As the option has it, else the project's configuration; else those of a make that is to be silent:
 * its own output would be empty, too. What other programs read has all jobs unless the option says
 * so, and so has what is asked for more than the log (--commands).
 */
export async function withHideSilent<T extends ViewOptions>(
  options: T,
  { started }: Pick<Build, 'started'>,
  place: Place,
): Promise<T> {
  const { hideSilent, json, raw, quiet, commands } = options;
  if (hideSilent !== undefined || json || raw || quiet || commands) return options;
  let configured: boolean | undefined;
  // The configuration's parser takes 2 ms to load.
  if (fs.existsSync(configFile(place)))
    configured = (await import('../store/config.ts')).readConfig(place).hideSilent;
  return { ...options, hideSilent: configured ?? isSilentMake(started?.argv ?? []) };
}

function isSilentMake(argv: readonly string[]): boolean {
  return /^g?make$/.test(path.basename(argv[0] ?? '')) && readCommandLine(argv).silent;
}

function plainOrOther(options: ViewOptions, setting: RendererSetting): Renderer {
  const { look, terminal, nameOf, collapse, coloured, buildOf } = setting;
  // A pipe gets what the programs wrote; but not the colours that they wrote only because we asked for them.
  const strip = look.never || (!terminal && coloured && !look.colour);
  const renderOptions: RenderOptions = {
    nameOf,
    ascii: look.ascii,
    colour: look.colour,
    escapes: strip ? 'none' : terminal ? 'colours' : 'all',
    collapse,
    times: options.times ?? false,
    buildOf,
  };
  if (options.raw) return new RawRenderer();
  if (options.quiet) return new SilentRenderer();
  if (options.json) return new JsonRenderer(renderOptions);
  if (!options.details) return new HeadingsRenderer(renderOptions);
  if (options.prefix) return new PrefixRenderer(renderOptions);
  return new PlainRenderer(renderOptions);
}

/** For output that could not be split: it belongs to no job but the root, and is printed whatever is asked for, since nothing has recorded it. */
export function makeUnsplitRenderer({ json }: ViewOptions, setting: RendererSetting): Renderer {
  return makeRenderer({ details: true, ...(json && { json }) }, { ...setting, collapse: false });
}
