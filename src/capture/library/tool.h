/* tool.c has what the tools that are split from inside have in common. */
#ifndef LOGLIN_TOOL_H
#define LOGLIN_TOOL_H

#include "launchers.h"
#include "slots.h"

/* A tool that is split from inside. */
struct tool {
	const char *name;
	int gives_terminals; /* to its jobs, in front of their slots, if it writes to one (terminals.h) */
	void (*start)(void);
	/* Replace posix_spawn, and the environment that exec gets; may be NULL. */
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
/* Are the tool's stdout, stderr its slot? tool_err is 2 if stderr has a slot of its own. */
extern int tool_out, tool_err;
extern int tool_record_fd;     /* where its records go: 1, 2, or -1 for the control FIFO */
/* The tool's current file actions, and the descriptor that they put on stdout. */
extern const posix_spawn_file_actions_t *tool_actions;
extern int tool_actions_out;

/* The tool's stdout is temporarily redirected. */
extern int tool_stdout_replaced;

/* Puts the program of this process into exe. Returns 0 if it cannot be a tool that is split. */
int tool_program(char *exe, size_t size);
/* Sets up this process as that tool, if its hook is on. */
void tool_start(const struct tool *tool, const char *exe);
int in_tool(void);     /* 0 in a child that the tool has just forked */
void tool_flush(void); /* puts the tool's buffered output before the next record */
/* flags: the tool's own flags, which follow those of its output. */
void tool_send_start(char kind, const char *flags);
void record_add_end(struct record *r, int status, const struct rusage *usage);
/* Spawns with these as stdout and stderr; -1: those of the tool. */
int tool_spawn_on_slot(spawn_fn *real, pid_t *pid, const char *path,
	const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, char *const argv[],
	char *const env[], int out, int err);

#endif
