/* A terminal for the benchmarks: runs a program in a pseudo-terminal, and reports when bytes went in and came
 * out, by the monotonic clock, so that the times do not contain the reader of this output.
 *
 *   pty COLUMNS ROWS PROGRAM ARGUMENT...
 *
 * Keys come on stdin. Events go to stdout, a line each, times in nanoseconds:
 *   s TIME PID             the program started
 *   k TIME COUNT           COUNT bytes of keys were written
 *   o TIME COUNT, bytes    COUNT bytes of output came
 *   x TIME STATUS          the program ended: its exit status, or 128 plus the signal
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void fail(const char *what) {
	perror(what);
	exit(125);
}

static void put(int fd, const char *bytes, size_t count) {
	while (count > 0) {
		ssize_t n = write(fd, bytes, count);
		if (n < 0 && errno != EINTR) exit(125);
		if (n <= 0) continue;
		bytes += n;
		count -= (size_t)n;
	}
}

static void report(char what, long long when, long value) {
	char line[64];
	put(1, line, (size_t)snprintf(line, sizeof line, "%c %lld %ld\n", what, when, value));
}

int main(int argc, char **argv) {
	if (argc < 4) return 125;
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0) fail("pty");
	const char *name = ptsname(master);
	if (!name) fail("ptsname");
	struct winsize size = {.ws_col = (unsigned short)atoi(argv[1]), .ws_row = (unsigned short)atoi(argv[2])};
	if (ioctl(master, TIOCSWINSZ, &size) < 0) fail("size");
	long long start = now();
	pid_t pid = fork();
	if (pid < 0) fail("fork");
	if (pid == 0) {
		setsid();
		int terminal = open(name, O_RDWR);
		if (terminal < 0 || ioctl(terminal, TIOCSCTTY, 0) < 0) fail(name);
		for (int fd = 0; fd < 3; fd++) dup2(terminal, fd);
		if (terminal > 2) close(terminal);
		execvp(argv[3], argv + 3);
		fail(argv[3]);
	}
	report('s', start, pid);

	static char buffer[65536];
	struct pollfd fds[2] = {{.fd = 0, .events = POLLIN}, {.fd = master, .events = POLLIN}};
	for (;;) {
		if (poll(fds, 2, -1) < 0) {
			if (errno == EINTR) continue;
			fail("poll");
		}
		if (fds[1].revents) {
			ssize_t n = read(master, buffer, sizeof buffer);
			/* EIO: nobody has the terminal open any more. */
			if (n <= 0) break;
			report('o', now(), n);
			put(1, buffer, (size_t)n);
		}
		if (fds[0].revents) {
			ssize_t n = read(0, buffer, sizeof buffer);
			if (n <= 0) {
				/* The reader has gone: signal what runs in the terminal, as a shell would. */
				kill(-pid, SIGHUP);
				close(master);
				break;
			}
			long long when = now();
			put(master, buffer, (size_t)n);
			report('k', when, n);
		}
	}
	int status = 0;
	waitpid(pid, &status, 0);
	report('x', now(), WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}
