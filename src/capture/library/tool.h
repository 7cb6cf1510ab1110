/* tool.c: what the tools that are split from inside have in common. */
#ifndef LOGLIN_TOOL_H
#define LOGLIN_TOOL_H

#include "launchers.h"
#include "slots.h"

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

extern const struct tool *ll_tool; /* the tool that this process is, or NULL */
extern pid_t tool_pid;
extern char tool_instance[48]; /* pid and start time: unique in a build although pids are not */
extern int tool_out, tool_err; /* is the tool's own stdout, stderr, its slot? */
extern int tool_record_fd;     /* where its records go: 1, 2, or -1 for the control FIFO */
/* Where the tool's own file actions put stdout, for the actions object in use. */
extern const posix_spawn_file_actions_t *tool_actions;
extern int tool_actions_out;

/* The tool's stdout is somewhere else for now. */
extern int tool_stdout_replaced;

/* The program of this process in exe, if it may be a tool that is split; 0: it is none. */
int tool_program(char *exe, size_t size);
/* This process is that tool. */
void tool_start(const struct tool *tool, const char *exe);
int in_tool(void); /* 0 in a child that it has just forked */
void tool_flush(void); /* what the tool has said stands before the record that comes */
void tool_send_start(char kind, const char *flags); /* flags: of the tool's own, after those of its output */
void record_add_end(struct record *r, int status, const struct rusage *usage);
/* Spawns with what goes to the tool's own slot on another one; slot -1: as it is. */
int tool_spawn_on_slot(spawn_fn *real, pid_t *pid, const char *path,
	const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, char *const argv[], char *const env[], int slot);

#endif
