/* slots.c: the build that this process belongs to, its slots, and records as they are written. */
#ifndef LOGLIN_SLOTS_H
#define LOGLIN_SLOTS_H

#include "common.h"

#define RECORD_MAX 4096 /* PIPE_BUF on Linux: a longer write is not atomic */

/* The build that this process belongs to: "" when none. */
extern char ll_build[256];
/* The job that this process belongs to, as LOGLIN_JOB has it: "<slot>/<wire id>"; its slot part, "-" when it
 * has none. */
extern char ll_job[256];
extern char ll_job_slot[16];

/* One record being made: fields end with NUL, as in a spool file. */
struct record {
	char *data;
	size_t length, room;
	char small[1024];
};

int ll_attach(void);            /* read LOGLIN_BUILD and LOGLIN_JOB; 0 when this process is in no build */
int ll_alive(void);             /* does the recorder still read? */
int ll_is_slot(int fd);         /* is fd this job's own slot? */
int ll_take_slot(char slot[16]); /* 0 when none came free in time */
int ll_open_slot(const char *slot, int instead_of);
long long ll_now(void);         /* microseconds since the epoch */
void ll_path(char *out, size_t size, const char *name);

/* LOGLIN_TRACE: a line for what is decided here that no record tells. The file is the recorder's (trace.ts),
 * which has made it; it is opened for each line, so that nothing stays open in the tool. The arguments are
 * not evaluated where nobody asked for a trace. */
extern char ll_trace_file[256];
void ll_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define TRACE(...) \
	do { \
		if (*ll_trace_file) ll_trace(__VA_ARGS__); \
	} while (0)

int ll_is_hooked(const char *tool);

/* A write that neither dies of SIGPIPE or SIGXFSZ nor leaves one pending; 0 when it could not write all. */
int ll_write_all(int fd, const char *bytes, size_t n);
struct held_signals {
	sigset_t before;
	int pending[2];
};
void ll_hold_signals(struct held_signals *held);
/* failed: a write did, so there may be a signal to drop. */
void ll_release_signals(struct held_signals *held, int failed);
/* The length of the record at the start of a text; LL_MORE if that is to come, LL_NO_RECORD if it is none. */
size_t ll_record_length(const char *text, size_t size);
#define LL_NO_RECORD ((size_t)0)
#define LL_MORE ((size_t)-1)

void record_start(struct record *r);
void record_add(struct record *r, const char *field);
void record_addf(struct record *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
void record_send(struct record *r, int fd, char kind); /* fd -1: the control FIFO; releases the record */
/* Writes as much of the text as fits into one write, with a record of its writer before it; returns how much,
 * 0 when that fails. */
size_t record_write_text(int fd, const char *writer, const char *text);

/* The record that a static ninja puts before each of its status lines; 0 when there is no room. */
int ll_status_record(char *out, size_t size, const char *before, const char *id, const char *after);

int raw_fstat(int fd, unsigned long long *device, unsigned long long *inode, unsigned *mode, long long *size);

#endif
