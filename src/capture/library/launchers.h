/* launchers.c decides which programs get the library, and makes their environment. */
#ifndef LOGLIN_LAUNCHERS_H
#define LOGLIN_LAUNCHERS_H

#include "common.h"

/* This process is a tool that is split. Set by tool.c. */
extern int ll_is_tool;

extern char ll_makefiles[300]; /* "MAKEFILES=<build>/loglin.mk", once prepared */
extern int ll_env_room;        /* an entry was removed from environ, so there is room for one */

typedef int spawn_fn(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
	char *const[], char *const[]);

void *ll_next(const char *symbol);
/* Removes the library from this process' LD_PRELOAD. Returns whether it was there. */
int ll_hide(void);
/* Puts back the build's variables that a program between did not pass on, if the library was loaded through
 * it. To be called before ll_hide. Returns whether it was. */
int ll_restore(void);
/* Likewise, the variables of a hook that this process' script has. */
void ll_restore_hook(void);
/* Removes the build's variables from an environment that has them only for this library. */
void ll_scrub(void);
/* Finds a program on a PATH. Returns its file, in room, or the name itself if it has a slash or is not
 * found. */
const char *ll_on_path(const char *program, const char *path, char *room, size_t size);
void ll_prepare(void);
/* The most pointers that launch_env needs for this environment. */
size_t launch_env_room(char *const envp[]);
/* Makes the environment for a program: with the library if it is a launcher, else without a trace of it.
 * job: a LOGLIN_JOB= entry that replaces the one in envp, or NULL. With one, the recorder must have just
 * been seen alive. */
char *const *launch_env(char **room, char *const envp[], const char *program, char *job);
/* The library cannot be loaded into a static ninja. Its NINJA_STATUS is set instead, so that its own
 * output marks where each edge's output begins. */
char *const *static_ninja_env(char **room, char *const envp[], const char *program, char *const argv[]);
/* go is static, or makes its system calls itself, and tup runs its commands out of reach. They are split by
 * what they print: the recorder is told where that begins. */
void ll_announce(const char *program, char *const argv[]);
const char *ll_getenv(char *const envp[], const char *name_and_equals);
const char *ll_base_name(const char *path);
int ll_in_list(const char *list, const char *name, size_t length); /* names separated by blanks */
int ll_launcher_name(const char *name);
int ll_ninja_name(const char *name);
int ll_piped_name(const char *name); /* a tool whose reads are to be wrapped (piped.c) */

#endif
