/* pipes.c has jobs of their own made for programs whose output goes into a pipe. */
#ifndef LOGLIN_PIPES_H
#define LOGLIN_PIPES_H

#include "common.h"

/* If this process' stdout or stderr is a pipe that is no slot (`make | tee log`): asks the recorder for a
 * job, puts that job's slots in place of the pipes, and makes this process part of it. The recorder passes on
 * to the pipes what arrives in the slots. Returns whether there is such a job. id: unique in the build.
 * terminals: the same for a terminal that is not that of the whole build; the caller gives its jobs others
 * (terminals.h). */
int ll_forward(const char *id, int terminals);
/* Reports the end of this process, and waits until the recorder has passed on all that it wrote, so that
 * nothing which the next writer writes into the pipe comes before it. */
void ll_end_forwarded(int status);

/* The shim of a hook has its streams relayed (relay.c): does this process write to one of them as well? */
int ll_shares_relayed(const char *id);
/* Makes a FIFO for an answer of the recorder, and opens it. */
int ll_make_reply(const char *id, const char *kind, char *path, size_t size);
/* Waits for an answer on a FIFO, which the recorder removes after that, and closes it. Returns 0 if nobody
 * records any more, or after that many milliseconds (-1: never). */
int ll_is_answered(int fifo, const char *path, const char *with, int most);

#endif
