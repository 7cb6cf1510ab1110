// GitLab CI: collapsible sections. Problems go into a report, not into the log.
// https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections
// What is a section: `build_trace_section_regex` in lib/gitlab/regex.rb, and lib/gitlab/ci/ansi2json/ of
// https://gitlab.com/gitlab-org/gitlab. They count anywhere in a line; of the name, only letters and digits.

import { type CiSystem, type Watch } from './system.ts';

const SECTION = /section_(start|end):(\d+):([\w.-]+)((?:\[\w+=\w+(?:, ?\w+=\w+)*\])?\r\x1b\[0K)/g;

const marker = (what: 'start' | 'end', at: number, name: string, options = ''): string =>
  `\x1b[0Ksection_${what}:${at}:${name}${options}\r\x1b[0K`;

class GitlabWatch implements Watch {
  readonly used = { error: 0, warning: 0 };
  /** The sections that are open, and when they began. */
  readonly #open = new Map<string, number>();

  lines(lines: string): void {
    if (!lines.includes('section_')) return;
    for (const [, what, at, name = ''] of lines.matchAll(SECTION)) {
      if (what === 'start') this.#open.set(name, Number(at));
      else this.#open.delete(name);
    }
  }

  end(): string {
    const open = [...this.#open].reverse();
    this.#open.clear();
    return open.map(([name, at]) => `${marker('end', at, name)}\n`).join('');
  }
}

export const gitlab: CiSystem = {
  groups: 'nested',
  begin: ({ id, title }, at, open) =>
    `${marker('start', at, `loglin_${id}`, open ? '' : '[collapsed=true]')}${title}\n`,
  end: ({ id }, at) => `${marker('end', at, `loglin_${id}`)}\n`,
  redraws: true,
  inert: (lines) => (lines.includes('section_') ? lines.replaceAll(SECTION, 'section_$1 :$2:$3$4') : lines),
  watch: () => new GitlabWatch(),
  most: 0,
};
