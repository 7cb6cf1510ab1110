/* Output that goes into a pipe of the build itself, or into a file that is as good as one (ll_is_pipe). Knows
 * the handshake with the recorder, no tool.
 *
 * The slots take the place of the pipe, so what runs here works as if it had been started in a job. The
 * recorder opens the pipe through /proc/<pid>/fd while this process waits for the answer, and keeps it open
 * until nobody can write to the slots any more. So the pipe's reader gets every byte, and its end of file. */
#include "pipes.h"
#include "slots.h"
#include "terminals.h"

static char forwarded[80]; /* the job's wire id; "" if this process' output goes where it went */

static int is_same_file(int a, int b) {
	unsigned long long device[2], inode[2];
	return raw_fstat(a, &device[0], &inode[0], NULL, NULL) == 0 &&
		raw_fstat(b, &device[1], &inode[1], NULL, NULL) == 0 && device[0] == device[1] &&
		inode[0] == inode[1];
}

int ll_is_answered(int fifo, const char *path, const char *with, int most) {
	char answer[16] = "";
	ll_ring();
	for (int waited = 0, gone = 0; !gone && (most < 0 || waited < most); waited += 20) {
		struct pollfd p = {.fd = fifo, .events = POLLIN};
		poll(&p, 1, 20);
		gone = !ll_alive() || syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0;
		if (read(fifo, answer, sizeof answer - 1) > 0) break;
	}
	close(fifo);
	unlink(path);
	return strncmp(answer, with, strlen(with)) == 0;
}

int ll_make_reply(const char *id, const char *kind, char *path, size_t size) {
	char name[100];
	snprintf(name, sizeof name, "%s.%s", id, kind);
	ll_path(path, size, name);
	if (syscall(SYS_mknodat, AT_FDCWD, path, S_IFIFO | 0600, 0) != 0) return -1;
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

/* Where this stream goes: p, into a pipe; t, to a terminal; s, into the slot of the job around; -, elsewhere.
 * The slot of an edge is a pipe of ninja's. */
static char stream_kind(int fd, int terminals) {
	if (ll_is_pipe(fd)) return 'p';
	if (terminals && ll_is_terminal(fd)) return 't';
	return !ll_is_slot(fd) ? '-' : ll_job_slot[0] == 'e' ? 'p' : 's';
}

/* The pipe, so that the recorder can tell it from another process' of that number (PID namespaces). */
static void add_pipe(struct record *r, int fd, char kind) {
	unsigned long long inode;
	int is_passed_on = kind == 'p' || kind == 't';
	if (is_passed_on && raw_fstat(fd, NULL, &inode, NULL, NULL) == 0) record_addf(r, "%llu", inode);
	else record_add(r, "");
}

static void send_request(const char *slots, const char kinds[2]) {
	char cwd[4096], args[4096];
	struct record r;
	record_start(&r);
	record_add(&r, forwarded);
	record_addf(&r, "%d", (int)getpid());
	record_add(&r, ll_job);
	record_add(&r, slots);
	record_addf(&r, "%c%c", kinds[0], kinds[1]);
	add_pipe(&r, 1, kinds[0]);
	add_pipe(&r, 2, kinds[1]);
	record_addf(&r, "%lld", ll_now());
	record_add(&r, getcwd(cwd, sizeof cwd) ? cwd : "");
	record_add_command(&r, args, sizeof args);
	record_send(&r, -1, 'f');
}

/* The parent reports how this process ended, if it has the library (tool.c, report_end). */
static void leave_note(void) {
	char path[300], name[32];
	snprintf(name, sizeof name, "p.%d", (int)getpid());
	ll_path(path, sizeof path, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) return;
	ll_write_all(fd, forwarded, strlen(forwarded));
	close(fd);
}

/* Puts a slot in place of a descriptor. */
static void put_slot(const char *slot, int fd) {
	int opened = ll_open_slot(slot, fd);
	if (opened < 0) return;
	dup2(opened, fd);
	close(opened);
}

int ll_shares_relayed(const char *id) {
	char path[400], name[100], text[80];
	snprintf(name, sizeof name, "%s.streams", id);
	ll_path(path, sizeof path, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) return 0;
	ssize_t n = read(fd, text, sizeof text - 1);
	close(fd);
	unlink(path);
	text[n > 0 ? n : 0] = 0;
	char *rest = text;
	for (int i = 0; i < 2; i++) {
		unsigned long long inode = strtoull(rest, &rest, 10), ours;
		for (int stream = 1; inode && stream <= 2; stream++)
			if (raw_fstat(stream, NULL, &ours, NULL, NULL) == 0 && ours == inode) return 1;
	}
	return 0;
}

int ll_forward(const char *id, int terminals) {
	static char entry[sizeof ll_job + 16];
	char kinds[2] = {stream_kind(1, terminals), stream_kind(2, terminals)};
	char first[16], second[16] = "", slots[40], path[400];
	int saved = errno, both = kinds[0] != '-' && kinds[1] != '-', one = both && is_same_file(1, 2);
	/* Into an edge's pipe alone: what is written there is seen as it is. */
	if (!ll_is_pipe(1) && !ll_is_pipe(2) && !memchr(kinds, 't', 2)) return 0;
	if (!ll_is_hooked("pipes")) return 0;
	if (strcmp(ll_job_slot, "plan") == 0) return 0;
	if (!ll_take_slot(first)) return 0;
	if (both && !one && !ll_take_slot(second)) {
		ll_return_slot(first);
		return 0;
	}
	snprintf(forwarded, sizeof forwarded, "f%s", id);
	snprintf(slots, sizeof slots, "%s+%s", first, second);
	if (strlen(slots) >= sizeof ll_job_slot) *forwarded = 0;
	int reply = *forwarded ? ll_make_reply(forwarded, "reply", path, sizeof path) : -1;
	int answered = 0;
	if (reply >= 0) {
		send_request(slots, kinds);
		answered = ll_is_answered(reply, path, "run", 10000);
	}
	TRACE("output into a pipe: %s", answered ? "through slots" : "left alone");
	if (!answered) {
		/* Unless it was sent, the recorder cannot take the slots back. */
		if (reply < 0) {
			ll_return_slot(first);
			if (*second) ll_return_slot(second);
		}
		*forwarded = 0;
		errno = saved;
		return 0;
	}
	leave_note();
	for (int fd = 1; fd <= 2; fd++)
		if (kinds[fd - 1] == 't') ll_note_terminal(fd);
	if (kinds[0] != '-') put_slot(first, 1);
	if (kinds[1] != '-') put_slot(*second ? second : first, 2);
	ll_become(slots, forwarded);
	snprintf(entry, sizeof entry, "LOGLIN_JOB=%s", ll_job);
	for (size_t i = 0; environ && environ[i]; i++)
		if (strncmp(environ[i], "LOGLIN_JOB=", 11) == 0) environ[i] = entry;
	errno = saved;
	return 1;
}

void ll_end_forwarded(int status) {
	char path[400];
	struct record r;
	int reply = *forwarded ? ll_make_reply(forwarded, "ended", path, sizeof path) : -1;
	if (reply < 0) return;
	record_start(&r);
	record_add(&r, forwarded);
	record_addf(&r, "%d", status);
	record_addf(&r, "%lld", ll_now());
	record_send(&r, -1, 'y');
	ll_is_answered(reply, path, "ended", -1);
}
