/* The library's entry points: its constructor, which knows the tools that are split, and the wrappers of
 * exec and posix_spawn. Decides nothing: launchers.c knows who inherits the library, make.c, ninja.c and
 * ctest.c what the tools do. */
#include "ctest.h"
#include "launchers.h"
#include "make.h"
#include "ninja.h"
#include "slots.h"
#include "tool.h"
#include <dlfcn.h>

#pragma weak dlsym

static int attached;

/* Finds out which tool this process is, if any, and starts it. */
static void start_tool(void) {
	char exe[4096];
	if (!tool_program(exe, sizeof exe)) return;
	const struct tool *tool = make_recognise(exe);
	if (!tool && ninja_recognise) tool = ninja_recognise(exe);
	if (!tool && ctest_recognise) tool = ctest_recognise(exe);
	if (tool) tool_start(tool, exe);
}

__attribute__((constructor)) static void start(void) {
	int saved = errno, restored = ll_restore();
	ll_hide();
	attached = dlsym && ll_attach();
	ll_scrub();
	if (attached && restored) ll_restore_hook();
	if (attached) start_tool();
	errno = saved;
}

typedef int exec_fn(const char *, char *const[], char *const[]);

static int exec_with(
	const char *real_name, const char *path, char *const argv[], char *const envp[], int search) {
	exec_fn *real = (exec_fn *)ll_next(real_name);
	if (!real) {
		errno = ENOSYS;
		return -1;
	}
	if (!attached) return real(path, argv, envp);
	char found[4096];
	char *room[launch_env_room(envp)];
	const char *program = search ? ll_on_path(path, getenv("PATH"), found, sizeof found) : path;
	char *const *env = ll_tool && ll_tool->exec
		? ll_tool->exec(room, argv, envp, program)
		: launch_env(room, envp, program, NULL);
	ll_announce(program, argv);
	char *more[launch_env_room(env)];
	return real(path, argv, static_ninja_env(more, env, program, argv));
}

EXPORT int execve(const char *path, char *const argv[], char *const envp[]) {
	return exec_with("execve", path, argv, envp, 0);
}

EXPORT int execv(const char *path, char *const argv[]) {
	return exec_with("execve", path, argv, environ, 0);
}

EXPORT int execvpe(const char *file, char *const argv[], char *const envp[]) {
	return exec_with("execvpe", file, argv, envp, 1);
}

EXPORT int execvp(const char *file, char *const argv[]) {
	return exec_with("execvpe", file, argv, environ, 1);
}

/* The execl family: the arguments as an array on the stack. */
#define COLLECT_ARGUMENTS(first) \
	va_list args; \
	size_t count = 1; \
	va_start(args, first); \
	while (va_arg(args, char *)) count++; \
	va_end(args); \
	char *argv[count + 1]; \
	argv[0] = (char *)first; \
	va_start(args, first); \
	for (size_t i = 1; i <= count; i++) argv[i] = va_arg(args, char *);

EXPORT int execl(const char *path, const char *first, ...) {
	COLLECT_ARGUMENTS(first)
	va_end(args);
	return exec_with("execve", path, argv, environ, 0);
}

EXPORT int execlp(const char *file, const char *first, ...) {
	COLLECT_ARGUMENTS(first)
	va_end(args);
	return exec_with("execvpe", file, argv, environ, 1);
}

EXPORT int execle(const char *path, const char *first, ...) {
	COLLECT_ARGUMENTS(first)
	char *const *envp = va_arg(args, char *const *);
	va_end(args);
	return exec_with("execve", path, argv, envp, 0);
}

static int spawn_with(const char *real_name, pid_t *pid, const char *path,
	const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, char *const argv[],
	char *const envp[], int search) {
	spawn_fn *real = (spawn_fn *)ll_next(real_name);
	if (!real) return ENOSYS;
	if (!attached) return real(pid, path, actions, attributes, argv, envp);
	char found[4096];
	const char *program = search ? ll_on_path(path, getenv("PATH"), found, sizeof found) : path;
	if (ll_tool && ll_tool->spawn && !search)
		return ll_tool->spawn(real, pid, path, actions, attributes, argv, envp);
	char *room[launch_env_room(envp)];
	return real(pid, path, actions, attributes, argv, launch_env(room, envp, program, NULL));
}

EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]) {
	return spawn_with("posix_spawn", pid, path, actions, attributes, argv, envp, 0);
}

EXPORT int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]) {
	return spawn_with("posix_spawnp", pid, file, actions, attributes, argv, envp, 1);
}
