/**
 * An expected failure. It is shown once, in one line that names the file or the command and says what to do,
 * and never with a stack trace. The message may hold unescaped names. Whoever shows it makes them printable.
 */
export class Failure extends Error {
  /**
   * loglin's exit status: 125 for its own failures, like `env` and `timeout`; 1 if a question has no answer.
   */
  readonly exitStatus: number;
  /** Names to choose from, one per line, after the message. */
  readonly choices: readonly string[];

  constructor(message: string, exitStatus = 125, choices: readonly string[] = []) {
    super(message);
    this.name = 'Failure';
    this.exitStatus = exitStatus;
    this.choices = choices;
  }
}

/** instanceof would not do, since each bundle of dist/ has a class of its own. */
export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && error.name === 'Failure' && 'exitStatus' in error;
}

/** Returns the text of an operating system error, without the call and the path that Node repeats. */
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
