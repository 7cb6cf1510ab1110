/* piped.c copies what a tool reads from its children's pipes to their slots. */
#ifndef LOGLIN_PIPED_H
#define LOGLIN_PIPED_H

#include "tool.h"

#define PIPED_CHUNK 4096 /* the size of ninja's reads */

/* A child whose output goes into a pipe that the tool reads. */
struct piped {
	struct piped *next;
	int fd; /* the read end of the pipe; -1: none, or closed */
	unsigned long long inode; /* that of the pipe; 0: fd is this pipe as long as it has not been closed */
	char slot[16]; /* "-": none; "": not known yet */
	/* Called with the output that the tool is about to get, as it is; may be NULL. */
	void (*seen)(struct piped *child, const char *text, size_t n);
	/* Called at the end of the pipe; may be NULL. */
	void (*finished)(struct piped *child);
	int ended;
	size_t pending, partial; /* in data: first output for the tool to read, then the start of a record */
	char data[RECORD_MAX + PIPED_CHUNK];
};

/* Set by the tool: called when it has made a pipe. */
extern void (*piped_made)(const int ends[2]);
/* What is read from the child's pipe is copied from now on. */
void piped_add(struct piped *child);
void piped_remove(const struct piped *child);

#endif
