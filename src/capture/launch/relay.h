/* relay.c copies what the recorder writes to pipes and sockets that only the processes there can open. */
#ifndef LOGLIN_RELAY_H
#define LOGLIN_RELAY_H

/* For a job whose stdout or stderr is a pipe or a socket that no slot is: has the build's relay copy to that
 * stream what the recorder writes into a FIFO, JOB.1 or JOB.2. captured: 1 or 0 for stdout and for stderr,
 * whether it is a slot of the parent's; then 2 if these are two. Returns a sum: 1, stdout is relayed; 2,
 * stderr is; 4, both are the same; 8, the job needs two slots, and has a second one, s/JOBe. */
int relay(const char *folder, const char *job, const char *captured);
/* The relay of a build: ends when the recorder has ended and all streams have. */
int relay_all(const char *folder);

#endif
