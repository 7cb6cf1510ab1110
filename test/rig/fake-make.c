/* A make that does to its jobs what GNU make 4.3 does, and nothing else. Linked with the capture library and
 * sanitizers, it checks the library's use of memory. Arguments, one instruction each:
 *   name=command      a job of one step, started and waited for; the same name again is its next `::` rule
 *   name+=command     a further step of the preceding job, as make starts it: right after it reaped the last
 *                     step, with the same environment
 *   name&=command     started; `wait` waits for all that run
 *   @name=command     without the echo
 *   needs=N env=N     the next jobs have N needs, or N more variables, long ones
 *   shell=command     $(shell command)
 *   sync=command      a job whose output goes to a temporary file, as with --output-sync
 *   vfork=command     a job, started as make before 4.3 does
 *   missing=program   posix_spawn fails
 *   noactions=command a job started without file actions
 *   info=text         $(info text), in the buffer of stdout
 *   closing           closes stdout at the exit and reports an error, as make 4.4 does
 *   again             executes itself anew, with the instructions that follow
 *   exit=N */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static int needs_wanted = 2, env_wanted, running, syncing;

void print_file_data_base(void);
void print_file_data_base(void) {
	static const char *const names[] = {"all", "one", "two"};
	printf("\n# Files\n\n");
	for (size_t i = 0; i < 3; i++)
		printf("%s:%s\n#  Implicit rule search has not been done.\n#  Modification time never checked.\n"
		       "#  File has not been updated.\n\n",
			names[i], i == 0 ? " two | one" : "");
	printf("# files hash-table stats:\n# Load=3/1024=0%%, Rehash=0, Collisions=0/3=0%%\n");
}

/* The library must not call this without --output-sync: make then has nothing to lock. */
void output_dump(void *output);
void output_dump(void *output) {
	(void)output;
	if (!syncing) fprintf(stderr, "fcntl(): Bad file descriptor\n");
}

static char *variable(const char *name, const char *value) {
	char *entry = malloc(strlen(name) + strlen(value) + 2);
	sprintf(entry, "%s=%s", name, value);
	return entry;
}

/* Exactly as large as necessary, so that a read beyond its end is detected. */
static char **environment(const char *target) {
	size_t n = 0, i;
	while (environ[n]) n++;
	char **env = malloc((n + (size_t)env_wanted + 5) * sizeof *env);
	for (i = 0; i < n; i++) env[i] = strdup(environ[i]);
	for (int k = 0; k < env_wanted; k++) {
		char name[30], value[200];
		snprintf(name, sizeof name, "EXTRA_%d", k);
		memset(value, 'v', sizeof value);
		value[k % (int)sizeof value] = 0;
		env[i++] = variable(name, value);
	}
	if (target) {
		char *needs = malloc((size_t)needs_wanted * 24 + 4);
		size_t length = 0;
		for (int k = 0; k < needs_wanted; k++) length +=
			(size_t)sprintf(needs + length, "%sneed-%d", k ? " " : "", k);
		strcpy(needs + length, " | ");
		env[i++] = variable("LOGLIN_TARGET", target);
		env[i++] = variable("LOGLIN_NEWER", "need-1");
		env[i++] = variable("LOGLIN_NEEDS", needs);
		env[i++] = variable("LOGLIN_GOALS", "all");
		free(needs);
	}
	env[i] = NULL;
	return env;
}

static void release(char **strings) {
	for (size_t i = 0; strings && strings[i]; i++) free(strings[i]);
	free(strings);
}

static pid_t spawn(const char *target, int further, const char *program, const char *command, int out,
	int actions_too) {
	static char **env;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	if (!further) {
		release(env);
		env = environment(target);
	}
	char **argv = malloc(4 * sizeof *argv);
	argv[0] = strdup(program);
	argv[1] = strdup("-c");
	argv[2] = strdup(command);
	argv[3] = NULL;
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_init(&actions);
	if (out != 1) posix_spawn_file_actions_adddup2(&actions, out, 1);
	pid_t pid = 0;
	int failed = posix_spawn(&pid, program, actions_too ? &actions : NULL, &attributes, argv, env);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	release(argv);
	if (failed) {
		fprintf(stderr, "fake-make: %s: %s\n", program, strerror(failed));
		return -1;
	}
	running++;
	return pid;
}

static pid_t spawn_old(char *command) {
	static char shell[] = "/bin/sh", flag[] = "-c";
	static char **env;
	char *const words[] = {shell, flag, command, NULL};
	release(env);
	env = environment("vforked");
	char **own = environ;
	pid_t pid = vfork();
	if (pid == 0) {
		environ = env;
		execvp(words[0], words);
		_exit(127);
	}
	environ = own; /* the child has the same memory */
	running++;
	return pid;
}

static int reap(pid_t which) {
	int status = 0;
	pid_t pid = which < 0 ? wait(&status) : waitpid(which, &status, 0);
	if (pid > 0) running--;
	return status;
}

static void say(const char *target, const char *command, int status) {
	if (status)
		fprintf(stderr, "fake-make: *** [Makefile:1: %s] Error %d\n", target,
			WIFEXITED(status) ? WEXITSTATUS(status) : 0);
	else
		printf("%s\n", command);
	fflush(stdout);
}

static void close_stdout(void) {
	if (fclose(stdout) == 0) return;
	fprintf(stderr, "fake-make: write error: stdout: %s\n", strerror(errno));
	_exit(2);
}

int main(int argc, char **argv) {
	for (int i = 1; i < argc; i++) {
		char name[100] = "";
		char *equals = strchr(argv[i], '='), *command = equals ? equals + 1 : argv[i];
		int silent = argv[i][0] == '@';
		if (equals) snprintf(name, sizeof name, "%.*s", (int)(equals - argv[i] - silent), argv[i] + silent);
		size_t n = strlen(name);
		char last = n ? name[n - 1] : 0;
		if (last == '+' || last == '&') name[n - 1] = 0;

		if (strcmp(argv[i], "wait") == 0) {
			while (running > 0) reap(-1);
		} else if (strcmp(argv[i], "closing") == 0) {
			atexit(close_stdout);
		} else if (strcmp(name, "info") == 0) {
			printf("%s\n", command);
		} else if (strcmp(argv[i], "again") == 0) {
			argv[i] = argv[0];
			execve("/proc/self/exe", argv + i, environ);
			return 120;
		} else if (strcmp(name, "exit") == 0) {
			exit(atoi(command));
		} else if (strcmp(name, "needs") == 0) {
			needs_wanted = atoi(command);
		} else if (strcmp(name, "env") == 0) {
			env_wanted = atoi(command);
		} else if (strcmp(name, "shell") == 0) {
			int ends[2];
			char buffer[100];
			if (pipe2(ends, O_CLOEXEC)) return 121;
			pid_t pid = spawn(NULL, 0, "/bin/sh", command, ends[1], 1);
			close(ends[1]);
			ssize_t length = read(ends[0], buffer, sizeof buffer);
			close(ends[0]);
			reap(pid);
			printf("shell said: %.*s", (int)length, buffer);
			fflush(stdout);
		} else if (strcmp(name, "sync") == 0) {
			FILE *file = tmpfile();
			syncing = 1;
			fprintf(file, "%s\n", command);
			fflush(file);
			reap(spawn("sync", 0, "/bin/sh", command, fileno(file), 1));
			rewind(file);
			for (int c; (c = getc(file)) != EOF;) putchar(c);
			fclose(file);
			fflush(stdout);
		} else if (strcmp(name, "vfork") == 0) {
			reap(spawn_old(command));
		} else if (strcmp(name, "missing") == 0) {
			spawn("missing", 0, command, command, 1, 1);
		} else {
			if (!silent) say(name, command, 0);
			pid_t pid = spawn(name, last == '+', "/bin/sh", command, 1, strcmp(name, "noactions") != 0);
			if (last == '&') continue;
			int status = reap(pid);
			if (status) say(name, command, status);
		}
	}
	return 0;
}
