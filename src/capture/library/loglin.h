/* What the parts of the capture library share.
 *
 * The library is loaded (LD_PRELOAD) into launchers: shells, make, env, python and their like. In all of them it only decides who
 * inherits it (launchers.c, wrappers.c). In GNU make and ninja it also gives every job a slot of its own and reports starts, ends and, of
 * make, the graph (tool.c, make.c, ninja.c). ninja gets a library of its own, which has ninja.c besides.
 * slots.c knows the wire: the FIFOs and the records of src/capture/protocol.ts.
 *
 * It is linked with -nostdlib and takes only unversioned, plain symbols, so that one file loads under glibc and musl. Nothing of
 * its own stays open between two calls, no signal disposition changes, and where the recorder is gone it does nothing at all. */
#ifndef LOGLIN_H
#define LOGLIN_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define RECORD_MAX 4096 /* PIPE_BUF on Linux: a longer write is not atomic */

extern char **environ;

/* -- slots.c -------------------------------------------------------------------------------------------------------------- */

/* The build that this process belongs to: "" when none. */
extern char ll_build[256];
/* The job that this process belongs to, as LOGLIN_JOB has it: "<slot>/<wire id>"; its slot part, "-" when it has none. */
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

/* LOGLIN_TRACE: a line for what is decided here that no record tells. The file is the recorder's (trace.ts), which has made it; it is
 * opened for each line, so that nothing stays open in the tool. The arguments are not evaluated where nobody asked for a trace. */
extern char ll_trace_file[256];
void ll_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define TRACE(...) \
	do { \
		if (*ll_trace_file) ll_trace(__VA_ARGS__); \
	} while (0)

int ll_is_armed(const char *tool);

/* A write that neither dies of SIGPIPE or SIGXFSZ nor leaves one pending; 0 when it could not write all. */
int ll_write_all(int fd, const char *bytes, size_t n);
struct held_signals {
	sigset_t before;
	int pending[2];
};
void ll_hold_signals(struct held_signals *held);
void ll_release_signals(struct held_signals *held, int failed); /* failed: a write did, so there may be a signal to drop */
/* The length of the record at the start of a text; LL_MORE if that is to come, LL_NO_RECORD if it is none. */
size_t ll_record_length(const char *text, size_t size);
#define LL_NO_RECORD ((size_t)0)
#define LL_MORE ((size_t)-1)

void record_start(struct record *r);
void record_add(struct record *r, const char *field);
void record_addf(struct record *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
void record_send(struct record *r, int fd, char kind); /* fd -1: the control FIFO; releases the record */
/* Writes as much of the text as fits into one write, and before it whose it is; returns how much, 0 when that fails. */
size_t record_speak(int fd, const char *whose, const char *text);

/* The record that a static ninja puts before each of its status lines; 0 when there is no room. */
int ll_record_text(char *out, size_t size, const char *before, const char *id, const char *after);

int raw_fstat(int fd, unsigned long long *device, unsigned long long *inode, unsigned *mode, long long *size);

/* -- launchers.c ---------------------------------------------------------------------------------------------------------- */

extern char ll_makefiles[300]; /* "MAKEFILES=<build>/loglin.mk", once prepared */
extern int ll_env_room;        /* an entry was taken out of environ, so that there is room for one */

typedef int spawn_fn(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[], char *const[]);

void *ll_next(const char *symbol);
/* Takes the library out of this process' LD_PRELOAD, if it is there. */
int ll_hide(void);
/* Takes the build's variables out of an environment that got them for this library only. */
void ll_scrub(void);
/* The file that a program's name means on a PATH, in room; the name itself when it has a slash or is nowhere. */
const char *ll_on_path(const char *program, const char *path, char *room, size_t size);
void ll_prepare(void);
/* How many pointers launch_env needs at most for this environment. */
size_t launch_env_room(char *const envp[]);
/* The environment that program should get: with the library if it is a launcher, else without a trace of it. job: a LOGLIN_JOB=
 * entry to put in place of the one there, of a recorder that has just been seen alive, or NULL. */
char *const *launch_env(char **room, char *const envp[], const char *program, char *job);
/* A static ninja cannot be looked into: it is made to say in its own text where each edge's output begins. */
char *const *static_ninja_env(char **room, char *const envp[], const char *program, char *const argv[]);
const char *ll_getenv(char *const envp[], const char *name_and_equals);
const char *ll_base_name(const char *path);
int ll_in_list(const char *list, const char *name, size_t length); /* names separated by blanks */
int ll_launcher_name(const char *name);
int ll_ninja_name(const char *name);

/* -- tool.c --------------------------------------------------------------------------------------------------------------- */

/* A tool that is split from inside. */
struct tool {
	const char *name;
	void (*start)(void);
	/* Stands in for posix_spawn, and for the environment that exec is given. */
	int (*spawn)(spawn_fn *real, pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]);
	char *const *(*exec)(char **room, char *const argv[], char *const envp[], const char *program);
	void (*before_wait)(void);
	void (*reaped)(pid_t pid, int status, const struct rusage *usage);
	void (*ending)(int status);
};

typedef int dup2_fn(posix_spawn_file_actions_t *, int, int);

extern const struct tool *ll_tool; /* what this process is, or NULL */
extern pid_t tool_pid;
extern char tool_instance[48]; /* pid and start time: unique in a build although pids are not */
extern int tool_out, tool_err; /* is the tool's own stdout, stderr, its slot? */
extern int tool_talk;          /* where its records go: 1, 2, or -1 for the control FIFO */
/* What the tool's own actions say about stdout, for the actions object in use. */
extern const posix_spawn_file_actions_t *tool_actions;
extern int tool_actions_out;

/* The tool's stdout is somewhere else for now. */
extern int tool_unheard;

void tool_init(void);
int in_tool(void); /* 0 in a child that it has just forked */
void tool_flush(void); /* what the tool has said stands before the record that comes */
void tool_send_start(char kind, const char *flags); /* flags: of the tool's own, after those of its output */
void record_add_end(struct record *r, int status, const struct rusage *usage);
/* Spawns with what goes to the tool's own slot on another one; slot -1: as it is. */
int tool_spawn_on_slot(spawn_fn *real, pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[], char *const env[], int slot);

/* -- make.c, ninja.c ------------------------------------------------------------------------------------------------------ */

/* The tool, if that is what this program is. */
const struct tool *make_recognise(const char *exe);
__attribute__((weak)) const struct tool *ninja_recognise(const char *exe); /* only in the library that ninja gets */

#endif
