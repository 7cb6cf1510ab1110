/* slots.c knows the build that this process belongs to, and its slots, and writes records. */
#ifndef LOGLIN_SLOTS_H
#define LOGLIN_SLOTS_H

#include "common.h"

#define RECORD_MAX 4096 /* PIPE_BUF on Linux: a longer write is not atomic */

/* The build that this process belongs to; "" if there is none. */
extern char ll_build[256];
/* The job that this process belongs to, in the form of LOGLIN_JOB, "<slot>/<wire id>", and its slot: "-" if
 * it has none; "<slot>+" if what arrives there is passed on to a pipe (pipes.c); "<slot>+<slot>" if moreover
 * its stdout and its stderr have one each. */
extern char ll_job[256];
extern char ll_job_slot[64];

/* A record that is being made. Its fields end with NUL, as in a spool file. */
struct record {
	char *data;
	size_t length, room;
	char small[1024];
};

int ll_attach(void);            /* reads LOGLIN_BUILD and LOGLIN_JOB; 0 if this process is in no build */
int ll_alive(void);             /* does the recorder still read? */
int ll_is_slot(int fd);         /* is fd this job's own slot? 2: it is that of its stderr alone */
int ll_is_pipe(int fd);         /* a FIFO that is no slot, or a file that a tool prints itself, later */
int ll_take_slot(char slot[16]); /* 0 if none became free in time */
void ll_return_slot(const char *slot); /* gives back one that nobody was told of */
void ll_ring(void);             /* has the recorder look at once, not at its next tick */
int ll_is_forwarded(void);
void ll_become(const char *slots, const char *id); /* makes this process part of another job */
int ll_open_slot(const char *slot, int instead_of);
long long ll_now(void);         /* microseconds since the epoch */
void ll_path(char *out, size_t size, const char *name);

/* LOGLIN_TRACE: a line for each decision that no record reports. The recorder makes the file (trace.ts).
 * It is opened for each line, so that nothing stays open in the tool. Without a trace the arguments are
 * not evaluated. */
extern char ll_trace_file[256];
void ll_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define TRACE(...) \
	do { \
		if (*ll_trace_file) ll_trace(__VA_ARGS__); \
	} while (0)

int ll_is_hooked(const char *tool);

/* Writes without dying of SIGPIPE or SIGXFSZ, or leaving one pending. Returns 0 if not all could be
 * written. */
int ll_write_all(int fd, const char *bytes, size_t n);
struct held_signals {
	sigset_t before;
	int pending[2];
};
void ll_hold_signals(struct held_signals *held);
/* failed: a write failed, so a signal may have to be dropped. */
void ll_release_signals(struct held_signals *held, int failed);
/* The length of the record at the start of a text; LL_MORE if it is incomplete, LL_NO_RECORD if there is
 * none. */
size_t ll_record_length(const char *text, size_t size);
#define LL_NO_RECORD ((size_t)0)
#define LL_MORE ((size_t)-1)

void record_start(struct record *r);
void record_add(struct record *r, const char *field);
void record_addf(struct record *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The command line of this process, a field for each word. */
void record_add_command(struct record *r, char *room, size_t size);
/* fd -1: the control FIFO. Releases the record. Returns 0 if it could not be written. */
int record_send(struct record *r, int fd, char kind);
/* Writes as much of the text as fits into one write, after a record that names its writer. Returns how
 * much that is, 0 on failure. */
size_t record_write_text(int fd, const char *writer, const char *text);

/* Makes the record that a static ninja puts before each of its status lines. Returns 0 if it does not fit. */
int ll_status_record(char *out, size_t size, const char *before, const char *id, const char *after);

int raw_fstat(int fd, unsigned long long *device, unsigned long long *inode, unsigned *mode, long long *size);

#endif
