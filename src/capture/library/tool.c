/* The common part of the tools that are split from inside: where the tool's output goes, how its children
 * are reaped, how it ends. wrappers.c finds out which tool this process is. How each tool works is known
 * to make.c, ninja.c and ctest.c only. */
#include "tool.h"
#include "launchers.h"
#include "pipes.h"
#include "slots.h"
#include <dlfcn.h>

#pragma weak dlsym
#pragma weak on_exit

const struct tool *ll_tool;
pid_t tool_pid;
char tool_instance[48];
int tool_record_fd = -1, tool_out, tool_err;

const posix_spawn_file_actions_t *tool_actions;
int tool_actions_out = -1;

int tool_program(char *exe, size_t size) {
	/* Most programs are shells: finding out more would cost them more than all the rest of the library. */
	const char *started = (const char *)getauxval(AT_EXECFN);
	const char *started_name = started ? ll_base_name(started) : "";
	int may_be_tool = strstr(started_name, "make") || ll_piped_name(started_name);
	if (ll_launcher_name(started_name) && !may_be_tool) return 0;
	ssize_t n = readlink("/proc/self/exe", exe, size - 1);
	if (n <= 0) return 0;
	exe[n] = 0;
	return 1;
}

static void left_main(int status, void *unused);

void tool_start(const struct tool *tool, const char *exe) {
	if (!ll_is_hooked(tool->name) || !ll_alive()) {
		TRACE("%s is not split: %s", exe, ll_alive() ? "its hook is off" : "nobody records any more");
		return;
	}
	ll_tool = tool;
	ll_is_tool = 1;
	tool_pid = getpid();
	snprintf(tool_instance, sizeof tool_instance, "%d.%llx", (int)tool_pid, ll_now());
	ll_forward(tool_instance, tool->gives_terminals);
	tool_out = ll_is_slot(1);
	tool_err = ll_is_slot(2);
	tool_record_fd = tool_out ? 1 : tool_err ? 2 : -1;
	if (on_exit) on_exit(left_main, NULL);
	tool->start();
}

int in_tool(void) {
	return ll_tool && getpid() == tool_pid;
}

/* Flushes only if text and records go the same way. Otherwise a write may fail, and the tool itself must
 * get the error (make 4.4 reports a full stdout at its exit). */
void tool_flush(void) {
	if (tool_out) fflush(stdout);
}

/* Where a stdout that is no slot goes: p, into a pipe or socket; f, to a file; -, elsewhere. */
static char stdout_kind(void) {
	unsigned mode;
	if (raw_fstat(1, NULL, NULL, &mode, NULL) != 0) return '-';
	return S_ISFIFO(mode) || S_ISSOCK(mode) ? 'p' : S_ISREG(mode) ? 'f' : '-';
}

/* The length of the lineage: this process and its ancestors as `ticks.pid/…`, oldest first, for the order
 * of launches (src/model/lineage.ts). It is sent from here because this process may have ended when the
 * recorder reads its record. */
#define ANCESTORS 6

/* The number after that many others in a text like `12 345`, or -1. */
static long long number_after(const char *text, int others) {
	for (; others > 0 && text; others--) text = strchr(text, ' ') ? strchr(text, ' ') + 1 : NULL;
	return text && *text ? atoll(text) : -1;
}

static void add_lineage(struct record *r) {
	char line[ANCESTORS * 32], stat[1024], path[32], entry[48];
	size_t at = sizeof line - 1;
	long long pid = (long long)getpid();
	line[at] = 0;
	for (int i = 0; i < ANCESTORS && pid > 1; i++) {
		snprintf(path, sizeof path, "/proc/%lld/stat", pid);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? -1 : read(fd, stat, sizeof stat - 1);
		if (fd >= 0) close(fd);
		stat[n > 0 ? n : 0] = 0;
		/* After the name, which is in parentheses and may hold any character: state, parent, and as the
		 * 20th the start time (proc(5)). */
		const char *rest = strrchr(stat, ')');
		long long parent = rest ? number_after(rest, 2) : -1, ticks = rest ? number_after(rest, 20) : -1;
		if (parent < 0 || ticks < 0) break;
		size_t length = (size_t)snprintf(entry, sizeof entry, "%lld.%lld%s", ticks, pid, line[at] ? "/" : "");
		if (length > at) break;
		at -= length;
		memcpy(line + at, entry, length);
		pid = parent;
	}
	record_add(r, line + at);
}

void tool_send_start(char kind, const char *flags) {
	char args[4096];
	struct record r;
	record_start(&r);
	record_add(&r, tool_instance);
	record_addf(&r, "%d", (int)tool_pid);
	record_add(&r, ll_job);
	record_addf(&r, "%d%d%c%s", tool_out != 0, tool_err != 0, tool_out ? '-' : stdout_kind(), flags);
	record_addf(&r, "%lld", ll_now());
	add_lineage(&r);
	record_add_command(&r, args, sizeof args);
	record_send(&r, tool_record_fd, kind);
}

/* The peak memory of this program itself, in KiB; -1 if it is unknown. */
static long own_peak(void) {
	char text[4096];
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0) close(fd);
	text[n > 0 ? n : 0] = 0;
	const char *peak = strstr(text, "\nVmHWM:");
	return peak ? atol(peak + 7) : -1;
}

/* Compares with a margin, since the system's counters differ a little from each other. */
static int is_clearly_more(long rss, long ours) {
	return rss > ours + ours / 16 + 1024;
}

/* Is a child's peak memory, in KiB, really its own? A child shares our memory until it execs, and the system
 * counts that as the child's. So a peak that is hardly more than ours says nothing. Reading our peak costs a
 * file, and is avoided twice. Most children are small: they stay below the peak that we read last, which only
 * grows. And a child above our ru_maxrss is above our peak. ru_maxrss cannot replace our peak, since it
 * includes the program that became this one (the parent's memory, in a make that a make runs). */
static int is_childs_own(long rss) {
	static long peak;
	struct rusage ours;
	if (!is_clearly_more(rss, peak)) return 0;
	if (getrusage(RUSAGE_SELF, &ours) != 0) return 0;
	if (is_clearly_more(rss, ours.ru_maxrss)) return 1;
	long now = own_peak();
	if (now < 0) return 0;
	peak = now;
	return is_clearly_more(rss, peak);
}

void record_add_end(struct record *r, int status, const struct rusage *usage) {
	record_addf(r, "%d", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
	record_addf(r, "%lld", ll_now());
	record_addf(r, "%lld", usage->ru_utime.tv_sec * 1000000LL + usage->ru_utime.tv_usec);
	record_addf(r, "%lld", usage->ru_stime.tv_sec * 1000000LL + usage->ru_stime.tv_usec);
	if (is_childs_own(usage->ru_maxrss)) record_addf(r, "%ld", usage->ru_maxrss);
	else record_add(r, "");
}

/* -- the tool's own text --------------------------------------------------------------------------------- */

int tool_stdout_replaced;

/* Writes each piece of text in one write with a record that names its writer, since other tools may write
 * to the same slot at the same time. */
EXPORT int fputs(const char *text, FILE *file) {
	static int (*real)(const char *, FILE *);
	if (!real) real = (int (*)(const char *, FILE *))ll_next("fputs");
	if (!real) return EOF;
	int fd = -1;
	if (in_tool() && !tool_stdout_replaced)
		fd = file == stdout && tool_out ? 1 : file == stderr && tool_err ? 2 : -1;
	if (fd < 0 || !*text || fflush(file) != 0) return real(text, file);
	while (*text) {
		size_t n = record_write_text(fd, tool_instance, text);
		/* On failure the tool gets the error of the real call. */
		if (n == 0) return real(text, file);
		text += n;
	}
	return 1;
}

EXPORT int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int fd, int newfd) {
	dup2_fn *real = (dup2_fn *)ll_next("posix_spawn_file_actions_adddup2");
	if (ll_tool && newfd == 1) {
		tool_actions = actions;
		tool_actions_out = fd;
	}
	return real ? real(actions, fd, newfd) : ENOSYS;
}

/* Forgets the actions: other ones may get the same address. */
EXPORT int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions) {
	typedef int destroy_fn(posix_spawn_file_actions_t *);
	destroy_fn *real = (destroy_fn *)ll_next("posix_spawn_file_actions_destroy");
	if (actions == tool_actions) {
		tool_actions = NULL;
		tool_actions_out = -1;
	}
	return real ? real(actions) : ENOSYS;
}

int tool_spawn_on_slot(spawn_fn *real, pid_t *pid, const char *path,
	const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, char *const argv[],
	char *const env[], int out, int err) {
	posix_spawn_file_actions_t made;
	posix_spawn_file_actions_t *redirected = (posix_spawn_file_actions_t *)(size_t)actions;
	if (out >= 0 || err >= 0) {
		if (!redirected) {
			posix_spawn_file_actions_init(&made);
			redirected = &made;
		}
		dup2_fn *add = (dup2_fn *)ll_next("posix_spawn_file_actions_adddup2");
		if (out >= 0) add(redirected, out, 1);
		if (err >= 0) add(redirected, err, 2);
	}
	int result = real(pid, path, redirected, attributes, argv, env);
	if (redirected == &made) posix_spawn_file_actions_destroy(&made);
	return result;
}

/* -- ends ------------------------------------------------------------------------------------------------ */

/* Reports the end of a process that was a hook's shim before it became its command (hooks/nested/shim.sh).
 * Only its parent, this process, gets its status. */
static void report_end(pid_t pid, int status, const struct rusage *usage) {
	char path[300], file[32], id[64];
	struct record r;
	int saved = errno;
	if (!*ll_build) return;
	snprintf(file, sizeof file, "p.%d", (int)pid);
	ll_path(path, sizeof path, file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		ssize_t n = read(fd, id, sizeof id - 1);
		close(fd);
		unlink(path);
		id[n > 0 ? n : 0] = 0;
		char reply[400];
		int end = ll_shares_relayed(id) ? ll_make_reply(id, "ended", reply, sizeof reply) : -1;
		record_start(&r);
		record_add(&r, id);
		record_add_end(&r, status, usage);
		record_send(&r, -1, 'R');
		if (end >= 0) ll_is_answered(end, reply, "ended", -1);
	}
	errno = saved;
}

static pid_t reap(pid_t which, int *status, int options) {
	typedef pid_t wait4_fn(pid_t, int *, int, struct rusage *);
	static wait4_fn *real;
	struct rusage usage;
	int own_status;
	if (!real) real = (wait4_fn *)ll_next("wait4");
	if (!real) {
		errno = ENOSYS;
		return -1;
	}
	if (!in_tool()) {
		pid_t ended = real(which, &own_status, options, &usage);
		if (ended > 0) {
			if (status) *status = own_status;
			if (WIFEXITED(own_status) || WIFSIGNALED(own_status)) report_end(ended, own_status, &usage);
		}
		return ended;
	}
	if (ll_tool->before_wait) ll_tool->before_wait();
	pid_t pid = real(which, &own_status, options, &usage);
	int saved = errno;
	if (pid > 0) {
		if (status) *status = own_status;
		if (WIFEXITED(own_status) || WIFSIGNALED(own_status)) ll_tool->reaped(pid, own_status, &usage);
	}
	errno = saved;
	return pid;
}

EXPORT pid_t waitpid(pid_t which, int *status, int options) {
	return reap(which, status, options);
}

EXPORT pid_t wait(int *status) {
	return reap(-1, status, 0);
}

static void end_tool(int status) {
	if (!in_tool()) return;
	ll_tool->ending(status);
	ll_end_forwarded(status);
	ll_tool = NULL;
	ll_is_tool = 0;
}

EXPORT __attribute__((noreturn)) void exit(int status) {
	void (*real)(int) = (void (*)(int))ll_next("exit");
	end_tool(status);
	if (real) real(status);
	_exit(status);
}

/* samurai and ctest return from main without a call of exit(). */
static void left_main(int status, void *unused) {
	(void)unused;
	end_tool(status);
}

/* musl has no on_exit(). The status is unknown then. */
__attribute__((destructor)) static void unloaded(void) {
	if (!on_exit) end_tool(-1);
}
