// `-o FILE`: the log of a build that runs, also in files: the bytes that stdout gets, or would get in a pipe.
// Knows the files, not how a build is shown.

import type { Session } from '../capture/session.ts';
import type { Status } from '../model/events.ts';
import { Failure, reason } from '../model/failure.ts';
import { Stdout, asyncWriter } from '../play/stdout.ts';
import { openToStream } from '../store/outputfile.ts';
import type { ViewOptions } from '../render/renderers.ts';
import { reportOf } from './lastwords.ts';
import type { Running } from './livedisplay.ts';
import { LivePlay, type PlaySetting } from './liveplay.ts';
import { warn } from './stderr.ts';

/** What a shell's `> FILE` gives a file: the user has named it, and CI reads it as somebody else. */
const MODE = 0o666;

export class LogFiles {
  readonly outputs: readonly Stdout[];
  /** Says what is to be said of a file; above a status line, if there is one. */
  #say = warn;

  /** @throws Failure if one of them cannot be written. */
  constructor(files: readonly string[] = []) {
    this.outputs = files.map((file) => {
      const fd = open(file);
      const failed = (error: NodeJS.ErrnoException): void => {
        this.#say(`${file}: ${reason(error)}; the rest of the log is not in it`);
      };
      return new Stdout(asyncWriter(fd), { failed });
    });
  }

  /** Runs a session whose stdout has the files as its copies. */
  copied(run: Running): Running {
    return (observer) => {
      this.#say = (text) => {
        observer.warn(text);
      };
      return run(observer);
    };
  }

  /** Runs a session whose stdout gets something else: the log is played for the files alone. */
  async played(
    session: Session,
    options: ViewOptions,
    setting: PlaySetting,
    show: (run: Running) => Promise<Status>,
  ): Promise<Status> {
    const [first, ...others] = this.outputs;
    if (!first) return show((observer) => session.run(observer));
    const output = new Stdout(
      (bytes, done) => {
        done(null, bytes.length);
      },
      { copies: [first, ...others] },
    );
    const play = new LivePlay(session, options, setting, output);
    const status = await show(
      this.copied((observer) =>
        session.run({
          changed: () => {
            play.changed();
            observer.changed();
          },
          unsplit: (bytes) => {
            const room = play.unsplit(bytes);
            return observer.unsplit(bytes) && room;
          },
          warn: (text) => {
            observer.warn(text);
          },
        }),
      ),
    );
    this.#say = warn;
    await play.finish();
    const { build, logs } = session;
    const ending = { build, logs, status, nameOf: play.nameOf, ...setting, quiet: false };
    if (!options.json) output.write(Buffer.from(await reportOf(ending, warn)));
    await output.flushed();
    return status;
  }
}

function open(file: string): number {
  try {
    return openToStream(file, MODE);
  } catch (error) {
    throw new Failure(`${file}: ${reason(error)}`);
  }
}
