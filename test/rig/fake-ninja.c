/* Does to its edges what ninja does, and nothing else: each argument is a command; they run one after the
 * other, and the output is polled from a pipe and printed at the end. Plain C, so that it links with any C
 * library. */
#define _GNU_SOURCE
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int main(int count, char **commands) {
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	for (int i = 1; i < count; i++) {
		char *argv[] = {"/bin/sh", "-c", commands[i], NULL}, output[65536];
		int ends[2], status;
		size_t length = 0;
		ssize_t n = 1;
		pid_t pid;
		posix_spawn_file_actions_t actions;
		if (pipe(ends) != 0) return 2;
		posix_spawn_file_actions_init(&actions);
		posix_spawn_file_actions_addclose(&actions, ends[0]);
		posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
		posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
		posix_spawn_file_actions_addclose(&actions, ends[1]);
		if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environ) != 0) return 2;
		posix_spawn_file_actions_destroy(&actions);
		close(ends[1]);
		while (n > 0 && length < sizeof output) {
			struct pollfd ready = {ends[0], POLLIN | POLLPRI, 0};
			if (ppoll(&ready, 1, NULL, NULL) <= 0) return 2;
			n = read(ends[0], output + length, sizeof output - length < 4096 ? sizeof output - length : 4096);
			if (n > 0) length += (size_t)n;
		}
		close(ends[0]);
		if (waitpid(pid, &status, 0) != pid) return 2;
		printf("[%d/%d] %s\n", i, count - 1, commands[i]);
		fwrite(output, 1, length, stdout);
	}
	return 0;
}
