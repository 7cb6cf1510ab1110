/* The attendant: a small process beside Node. It does what Node does slowly or not at all: a fork of Node
 * copies the tables of its memory and takes a millisecond, and it makes no FIFOs. It is in loglin's process
 * group, and tells which signals come to all of it. attendant.ts is the other end, and its parent.
 *
 * Two descriptors lead to it, which `channels` makes before Node starts. On ASK, a socket, come requests: the
 * length of the rest in four bytes, then fields that end with NUL. Each is answered on it, with a line:
 *
 *   fifos PATH…                           makes FIFOs. Answer: nothing, or what went wrong.
 *   widen BYTES PATH                      lets a FIFO that is open hold more. Answer: likewise.
 *   start CWD IN OUT NAME=VALUE…          starts our arguments as the command, in the state of LOGLIN_WAS. IN
 *                                         and OUT are files, or empty: ours. Answer: its process, or what
 *                                         went wrong.
 *
 * On TELL, a pipe, come lines: `x PROCESS STATUS`, with the status of wait(2), and `s NUMBER` for a signal.
 * When the other end of ASK is closed, it ends. */
#include "attendant.h"
#include "state.h"
#include <stdint.h>
#include <sys/socket.h>

/* A request has the paths of a few thousand FIFOs at most. */
#define MOST_REQUEST (1 << 20)

static int tell_fd;
static struct sigaction actions[NSIG];
static sigset_t blocked;

static void tell(const char *format, int a, int b) {
	char line[64];
	int n = snprintf(line, sizeof line, format, a, b);
	while (write(tell_fd, line, (size_t)n) < 0 && errno == EINTR) {}
}

/* No snprintf in a signal handler. */
static void tell_signal(int number) {
	char line[5] = "s ";
	int saved = errno, n = 2;
	if (number > 9) line[n++] = (char)('0' + number / 10);
	line[n++] = (char)('0' + number % 10);
	line[n++] = '\n';
	while (write(tell_fd, line, (size_t)n) < 0 && errno == EINTR) {}
	errno = saved;
}

static void wake(int number) {
	(void)number;
}

/* What would kill us would leave the command without anybody who learns how it ends; what would stop us could
 * leave Node, which is stopped a little later, waiting for an answer. */
static void handle_signals(void) {
	static const int told[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
	sigset_t mask;
	for (int number = 1; number < NSIG; number++) {
		struct sigaction action = {.sa_handler = SIG_IGN};
		for (size_t i = 0; i < sizeof told / sizeof *told; i++)
			if (number == told[i]) action.sa_handler = tell_signal;
		if (number == SIGCHLD) action.sa_handler = wake;
		sigaction(number, &action, &actions[number]);
	}
	/* SIGCHLD comes only while we wait. */
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_SETMASK, &mask, &blocked);
}

static void restore_own_signals(void) {
	for (int number = 1; number < NSIG; number++) sigaction(number, &actions[number], NULL);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

static int read_whole(int fd, char *out, size_t n) {
	while (n > 0) {
		ssize_t got = read(fd, out, n);
		if (got < 0 && errno == EINTR) continue;
		if (got <= 0) return 0;
		out += got;
		n -= (size_t)got;
	}
	return 1;
}

static void answer(int ask, const char *text) {
	char line[512];
	int n = snprintf(line, sizeof line, "%s\n", text);
	if (n >= (int)sizeof line) n = sizeof line - 1;
	line[n - 1] = '\n';
	while (send(ask, line, (size_t)n, MSG_NOSIGNAL) < 0 && errno == EINTR) {}
}

static void make_fifos(int ask, char *fields[]) {
	char text[400] = "";
	mode_t mask = umask(0);
	for (size_t i = 0; fields[i] && !*text; i++)
		if (mkfifo(fields[i], 0600) != 0) snprintf(text, sizeof text, "%s: %s", fields[i], strerror(errno));
	umask(mask);
	answer(ask, text);
}

static void widen(int ask, char *fields[]) {
	int fd = fields[0] && fields[1] ? open(fields[1], O_WRONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	int done = fd >= 0 && fcntl(fd, F_SETPIPE_SZ, atoi(fields[0])) >= 0;
	answer(ask, done ? "" : strerror(errno));
	if (fd >= 0) close(fd);
}

static int redirect(const char *file, int flags, int first, int last) {
	if (!*file) return 1;
	int fd = open(file, flags | O_CLOEXEC);
	if (fd < 0) return 0;
	for (int to = first; to <= last; to++)
		if (dup2(fd, to) < 0) return 0;
	return 1;
}

/* Becomes the command. fields: as in the request. Returns its exit status if that fails. */
static int become_command(char *fields[], char *argv[]) {
	char *was = getenv("LOGLIN_WAS");
	restore_own_signals();
	/* stdin was closed, but the command gets one. */
	if (was && *fields[1] && strlen(was) > 2 && strcmp(was + strlen(was) - 2, "/0") == 0)
		was[strlen(was) - 2] = 0;
	for (size_t i = 3; fields[i]; i++) putenv(fields[i]);
	if ((*fields[0] && chdir(fields[0]) != 0) || !redirect(fields[1], O_RDONLY, 0, 0) ||
		!redirect(fields[2], O_WRONLY, 1, 2)) {
		fprintf(stderr, "loglin: %s: %s\n", argv[0], strerror(errno));
		return 126;
	}
#ifdef LOGLIN_STATIC
	return start_command(argv);
#else
	/* The capture library is to be loaded into the launcher, since it passes it on. */
	size_t count = 0;
	while (argv[count]) count++;
	char *launcher[count + 3];
	launcher[0] = (char[]){"loglin-launch"};
	launcher[1] = (char[]){"start"};
	memcpy(launcher + 2, argv, (count + 1) * sizeof *argv);
	execv("/proc/self/exe", launcher);
	return 126;
#endif
}

static void start_child(int ask, char *fields[], size_t count, char *argv[]) {
	char text[64];
	sigset_t all, ours;
	if (count < 3) return answer(ask, "not a request");
	/* A signal that comes now is the command's to deal with, once our handlers are gone. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &ours);
	pid_t child = fork();
	if (child == 0) _exit(become_command(fields, argv));
	if (child < 0) snprintf(text, sizeof text, "%s", strerror(errno));
	else snprintf(text, sizeof text, "%d", (int)child);
	sigprocmask(SIG_SETMASK, &ours, NULL);
	answer(ask, text);
}

/* Deals with one request. Returns 0 at the end of them. */
static int serve(int ask, char *argv[]) {
	uint32_t size;
	if (!read_whole(ask, (char *)&size, sizeof size) || size == 0 || size > MOST_REQUEST) return 0;
	char *text = malloc(size);
	size_t count = 0, n = 0;
	if (!text || !read_whole(ask, text, size) || text[size - 1] != 0) return 0;
	for (size_t i = 0; i < size; i++) count += text[i] == 0;
	char **fields = malloc((count + 1) * sizeof *fields);
	if (!fields) return 0;
	for (size_t i = 0; i < size; i += strlen(text + i) + 1) fields[n++] = text + i;
	fields[n] = NULL;
	if (strcmp(fields[0], "fifos") == 0) make_fifos(ask, fields + 1);
	else if (strcmp(fields[0], "widen") == 0) widen(ask, fields + 1);
	else if (strcmp(fields[0], "start") == 0) start_child(ask, fields + 1, count - 1, argv);
	else answer(ask, "not a request");
	free(fields);
	free(text);
	return 1;
}

int attend(int ask, int told, char *argv[]) {
	sigset_t none;
	sigemptyset(&none);
	tell_fd = told;
	fcntl(ask, F_SETFD, FD_CLOEXEC);
	fcntl(told, F_SETFD, FD_CLOEXEC);
	handle_signals();
	for (;;) {
		struct pollfd wait = {.fd = ask, .events = POLLIN};
		int ready = ppoll(&wait, 1, NULL, &none), status;
		pid_t child;
		while ((child = waitpid(-1, &status, WNOHANG)) > 0) tell("x %d %d\n", (int)child, status);
		if (ready > 0 && !serve(ask, argv)) return 0;
	}
}

/* Descriptors below 3 that are closed would become ours. */
static void fill_standard(void) {
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0) open("/dev/null", O_RDWR);
}

int channels(char *argv[]) {
	int ask[2], told[2];
	char numbers[64];
	fill_standard();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ask) == 0 && pipe(told) == 0) {
		snprintf(numbers, sizeof numbers, "%d %d %d %d", ask[0], told[0], ask[1], told[1]);
		setenv("LOGLIN_ATTENDANT", numbers, 1);
	}
	execvp(argv[0], argv);
	fprintf(stderr, "loglin: %s: %s\n", argv[0], strerror(errno));
	return 125;
}
