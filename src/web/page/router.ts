// What the page shows, as the fragment of its address: a link that a colleague opens at the same line. Pure.
//
//   #                          the summary
//   #build/L120                the whole build, at a line
//   #job/lib/server.o/L12-L20  a job's own log, with lines marked
//   #block/lib/server.o        its block, as `loglin show` prints it
//   #why/…  #diff/…            why it ran; what it said when it last ran
//   #diff@ID/…                 what it said in another build
//   #problems  #timeline  #find/WORDS
//
// Under `loglin serve` the build's id comes first: #b/20261121-083116659-aea0/job/server.o.

/** The views of a job's own. */
export type JobView = 'job' | 'block' | 'why' | 'diff';

/** Lines that a link marks, from 1 on. */
export interface LineRange {
  readonly from: number;
  readonly to: number;
}

export type View =
  | { readonly kind: 'summary' }
  | { readonly kind: 'problems' }
  | { readonly kind: 'timeline' }
  | { readonly kind: 'builds' }
  | { readonly kind: 'find'; readonly pattern: string }
  | { readonly kind: 'build'; readonly lines?: LineRange | undefined }
  | {
      readonly kind: JobView;
      readonly name: string;
      readonly lines?: LineRange | undefined;
      /** Of a diff: the other build; undefined: the one in which the job ran last. */
      readonly with?: string | undefined;
    };

export interface Route {
  /** The build's id; undefined: the one that is embedded, or the last one. */
  readonly build: string | undefined;
  readonly view: View;
}

const JOB_VIEWS = new Set<string>(['job', 'block', 'why', 'diff'] satisfies JobView[]);

function isJobView(word: string): word is JobView {
  return JOB_VIEWS.has(word);
}

export function isJobRoute(view: View): view is Extract<View, { name: string }> {
  return isJobView(view.kind);
}

/** A name in a fragment. Slashes stay; what would be taken for a line does not. */
function encoded(name: string): string {
  const well = name.replace(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    '\ufffd',
  );
  return encodeURIComponent(well)
    .replaceAll('%2F', '/')
    .replace(/\/(?=L\d+(?:-L\d+)?$)/, '%2F')
    .replace(/^L(?=\d+(?:-L\d+)?$)/, '%4C');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function linesText(lines: LineRange | undefined): string {
  if (!lines) return '';
  return lines.to > lines.from ? `/L${lines.from}-L${lines.to}` : `/L${lines.from}`;
}

/** What of a fragment stands for a view: the worker resolves it, too. */
export function viewText(view: View): string {
  switch (view.kind) {
    case 'summary':
      return '';
    case 'problems':
    case 'timeline':
    case 'builds':
      return view.kind;
    case 'find':
      return `find/${encodeURIComponent(view.pattern)}`;
    case 'build':
      return `build${linesText(view.lines)}`;
    case 'job':
    case 'block':
    case 'why':
    case 'diff':
      return `${view.kind}${view.with === undefined ? '' : `@${view.with}`}/${encoded(view.name)}${linesText(view.lines)}`;
  }
}

/** The fragment of a route, with its `#`. */
export function fragmentOf({ build, view }: Route): string {
  const parts = [build === undefined ? '' : `b/${build}`, viewText(view)].filter((part) => part !== '');
  return `#${parts.join('/')}`;
}

/** Splits lines off the end of a path. */
function withLines(path: string): readonly [path: string, lines: LineRange | undefined] {
  const found = /(?:^|\/)L(\d{1,15})(?:-L(\d{1,15}))?$/.exec(path);
  if (!found) return [path, undefined];
  const from = Math.max(1, Number(found[1]));
  const to = Math.max(from, Number(found[2] ?? from));
  return [path.slice(0, found.index), { from, to }];
}

function viewOf(text: string): View {
  const [word = '', other, rest = ''] = /^([^/@]*)(?:@([\w-]+))?\/?([^]*)$/.exec(text)?.slice(1) ?? [];
  if (isJobView(word) && rest !== '') {
    const [name, lines] = withLines(rest);
    const against = word === 'diff' && other !== undefined ? { with: other } : {};
    if (name !== '') return { kind: word, name: decoded(name), lines, ...against };
  }
  if (word === 'build') return { kind: 'build', lines: withLines(rest)[1] };
  if (word === 'find' && rest !== '') return { kind: 'find', pattern: decoded(rest) };
  if (word === 'problems' || word === 'timeline' || word === 'builds') return { kind: word };
  return { kind: 'summary' };
}

/** The route of a fragment, with or without its `#`. One that means nothing is the summary. */
export function routeOf(fragment: string): Route {
  const text = fragment.replace(/^#/, '');
  const found = /^b\/([\w-]+)(?:\/([^]*))?$/.exec(text);
  return found ? { build: found[1], view: viewOf(found[2] ?? '') } : { build: undefined, view: viewOf(text) };
}
