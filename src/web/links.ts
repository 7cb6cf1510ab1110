// Links to what the page shows, as fragments of its address: `#job/server.o/L12`.

import type { Job } from '../model/build.ts';
import { ROOT } from '../model/ids.ts';
import type { PageBuild } from './pagebuild.ts';
import type { DocumentAsked, LinkTarget } from './protocol.ts';

const JOB_VIEWS = { job: 'log', block: 'block', why: 'why', diff: 'diff' } as const;
type JobView = keyof typeof JOB_VIEWS;

export class Links {
  readonly #build: PageBuild;
  #names = new Map<string, Job>();
  #revision = -1;

  constructor(build: PageBuild) {
    this.#build = build;
  }

  resolve(link: string): LinkTarget {
    const [, view = '', other, name = '', lineText] =
      /^#?([a-z]*)(?:@([\w-]+))?(?:\/(.*?))??(?:\/L(\d{1,15})(?:-L\d+)?)?$/s.exec(link) ?? [];
    const line = lineText === undefined ? {} : { line: Number(lineText) };
    if (view === '' || view === 'timeline') return { view: view === '' ? 'summary' : view };
    if (view === 'problems') return { view, document: { kind: 'problems' }, ...line };
    if (view === 'build') return { view, document: { kind: 'build' }, ...line };
    if (!Object.hasOwn(JOB_VIEWS, view)) return { view: 'unknown', name: decoded(link) };
    const job = this.#job(decoded(name));
    if (!job) return { view: 'unknown', name: decoded(name) };
    const document: DocumentAsked =
      view === 'diff' && other !== undefined
        ? { kind: 'diff', job: job.id, with: other }
        : { kind: JOB_VIEWS[view as JobView], job: job.id };
    return { view: view as JobView, document, ...line };
  }

  /** @param line from 1. */
  link(asked: DocumentAsked, line: number | undefined): string {
    const end = line === undefined ? '' : `/L${line}`;
    if (!('job' in asked)) return `#${asked.kind}${end}`;
    const against = asked.kind === 'diff' && asked.with !== undefined ? `@${asked.with}` : '';
    const view = asked.kind === 'log' ? 'job' : `${asked.kind}${against}`;
    return `#${view}/${encoded(this.#build.nameOf(this.#build.job(asked.job)))}${end}`;
  }

  #job(name: string): Job | undefined {
    const { build, revision, nameOf } = this.#build;
    if (this.#revision !== revision) {
      this.#revision = revision;
      this.#names = new Map();
      for (const job of build.jobs) {
        const shown = nameOf(job);
        // A target may have the name of the command.
        if (job.id !== ROOT || !this.#names.has(shown)) this.#names.set(shown, job);
      }
    }
    return this.#names.get(name);
  }
}

/** Slashes stay, unless what follows would be taken for a line. */
function encoded(name: string): string {
  return encodeURIComponent(well(name))
    .replaceAll('%2F', '/')
    .replace(/\/(?=L\d+(?:-L\d+)?$)/, '%2F');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Halves of surrogate pairs, which no address can have, are replaced. */
function well(name: string): string {
  return name.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}
