/* A write of the capture library that fails, and the signal that comes with it. Arguments: the signal (PIPE,
 * XFSZ) and its state before: default, blocked, or pending. Prints whether all was written, and whether the
 * signal is pending and whether it is blocked. */
#include "../../src/capture/library/slots.h"

int main(int argc, char **argv) {
	if (argc != 3) return 120;
	int pipe_signal = strcmp(argv[1], "PIPE") == 0, sig = pipe_signal ? SIGPIPE : SIGXFSZ, fd;
	sigset_t one, now;
	signal(sig, SIG_DFL);
	sigemptyset(&one);
	sigaddset(&one, sig);
	sigprocmask(strcmp(argv[2], "default") == 0 ? SIG_UNBLOCK : SIG_BLOCK, &one, NULL);
	if (strcmp(argv[2], "pending") == 0) raise(sig);
	if (pipe_signal) {
		int ends[2];
		if (pipe(ends) != 0) return 121;
		close(ends[0]);
		fd = ends[1];
	} else {
		struct rlimit none = {0, 0};
		FILE *file = tmpfile();
		if (!file || setrlimit(RLIMIT_FSIZE, &none) != 0) return 122;
		fd = fileno(file);
	}
	int whole = ll_write_all(fd, "text", 4);
	sigpending(&now);
	int pending = sigismember(&now, sig);
	sigprocmask(SIG_SETMASK, NULL, &now);
	printf("%s: %s, %s\n", whole ? "written" : "failed", pending ? "pending" : "not pending",
		sigismember(&now, sig) ? "blocked" : "not blocked");
	return 0;
}
