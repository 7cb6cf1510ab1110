/**
 * An expected failure: shown once, in one line that names the file or the command and says what to do. Never
 * a stack trace. A message may hold names as they are: who shows it makes them printable.
 */
export class Failure extends Error {
  /**
   * loglin's exit status: 125 for its own failures, as `env` and `timeout` have it, 1 where a question has no
   * answer.
   */
  readonly exitStatus: number;
  /** What the message leads to, a line each: names to choose from. */
  readonly choices: readonly string[];

  constructor(message: string, exitStatus = 125, choices: readonly string[] = []) {
    super(message);
    this.name = 'Failure';
    this.exitStatus = exitStatus;
    this.choices = choices;
  }
}

/** Not instanceof: each bundle of dist/ has a class of its own. */
export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && error.name === 'Failure' && 'exitStatus' in error;
}

/** What an operating system error says, without the call and the path that Node repeats. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'no such file or directory',
    EACCES: 'permission denied',
    EPERM: 'operation not permitted',
    ENOSPC: 'no space left on device',
    EDQUOT: 'disk quota exceeded',
    EROFS: 'read-only file system',
    ENOTDIR: 'not a directory',
    EISDIR: 'is a directory',
    EMFILE: 'too many open files',
    EFBIG: 'file too large',
    ENAMETOOLONG: 'the name is too long',
    EIO: 'input/output error',
    EPIPE: 'broken pipe',
    EBUSY: 'device or resource busy',
  };
  return (code === undefined ? undefined : known[code]) ?? error.message;
}
