// A build of a remote as a record of `loglin ls REMOTE --json` (docs/json.md).

import type { JsonRecord } from './line.ts';

/** What the row of a shared build says. */
export interface SharedBuild {
  readonly id: string;
  readonly at: number;
  readonly result: 'ok' | 'interrupted' | { readonly exit: number } | { readonly signal: number };
  readonly ms: number;
  readonly jobs: number;
  readonly failed: number;
  readonly errors?: number | undefined;
  readonly warnings?: number | undefined;
  readonly revision?: string | undefined;
  readonly clean?: boolean | undefined;
  readonly branch?: string | undefined;
  readonly command: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Not all of its texts are here. */
  readonly cut: boolean;
}

export function sharedBuildRecord(build: SharedBuild): JsonRecord {
  const { result } = build;
  return {
    id: build.id,
    state: result === 'interrupted' ? 'interrupted' : 'finished',
    started: new Date(build.at).toISOString(),
    ms: build.ms,
    status: result === 'ok' ? { exit: 0 } : result === 'interrupted' ? null : result,
    jobs: build.jobs,
    failed: build.failed,
    errors: build.errors ?? null,
    warnings: build.warnings ?? null,
    revision: build.revision ?? null,
    clean: build.clean ?? false,
    branch: build.branch ?? null,
    command: build.command,
    tags: build.tags,
    cut: build.cut,
  };
}
