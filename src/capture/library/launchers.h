/* launchers.c: which programs get the library, and with which environment. */
#ifndef LOGLIN_LAUNCHERS_H
#define LOGLIN_LAUNCHERS_H

#include "common.h"

/* This process is a tool that is split: set by tool.c. */
extern int ll_is_tool;

extern char ll_makefiles[300]; /* "MAKEFILES=<build>/loglin.mk", once prepared */
extern int ll_env_room;        /* an entry was taken out of environ, so that there is room for one */

typedef int spawn_fn(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
	char *const[], char *const[]);

void *ll_next(const char *symbol);
/* Takes the library out of this process' LD_PRELOAD, if it is there. */
int ll_hide(void);
/* Takes the build's variables out of an environment that got them for this library only. */
void ll_scrub(void);
/* The file that a program's name means on a PATH, in room; the name itself when it has a slash or is
 * nowhere. */
const char *ll_on_path(const char *program, const char *path, char *room, size_t size);
void ll_prepare(void);
/* How many pointers launch_env needs at most for this environment. */
size_t launch_env_room(char *const envp[]);
/* The environment that program should get: with the library if it is a launcher, else without a trace of it.
 * job: a LOGLIN_JOB= entry to put in place of the one there, of a recorder that has just been seen alive, or
 * NULL. */
char *const *launch_env(char **room, char *const envp[], const char *program, char *job);
/* A static ninja cannot be looked into: it is made to say in its own text where each edge's output begins. */
char *const *static_ninja_env(char **room, char *const envp[], const char *program, char *const argv[]);
const char *ll_getenv(char *const envp[], const char *name_and_equals);
const char *ll_base_name(const char *path);
int ll_in_list(const char *list, const char *name, size_t length); /* names separated by blanks */
int ll_launcher_name(const char *name);
int ll_ninja_name(const char *name);

#endif
