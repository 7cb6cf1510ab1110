/* The wire: slots (FIFOs that the recorder reads) and records. Knows nothing of tools and launchers.
 *
 * A record (src/capture/wire.ts has all kinds) is \x1e nonce kind ':' fields \x1f. Fields are %-escaped and
 * separated by tabs. A record is never longer than PIPE_BUF, so that its write is atomic. The fields of a
 * longer one go to a spool file (raw, ended by NUL), and the record is \x1e nonce kind '@' file \x1f. */
#include "slots.h"

char ll_build[256], ll_job[256], ll_job_slot[64], ll_trace_file[256];
static char nonce[24];
static unsigned spool_count;

/* fstat without its symbol, which glibc before 2.33 has only in its static part. */
int raw_fstat(
	int fd, unsigned long long *device, unsigned long long *inode, unsigned *mode, long long *size) {
	struct statx s;
	if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &s) != 0) return -1;
	if (device) *device = (unsigned long long)s.stx_dev_major << 32 | s.stx_dev_minor;
	if (inode) *inode = s.stx_ino;
	if (mode) *mode = s.stx_mode;
	if (size) *size = (long long)s.stx_size;
	return 0;
}

long long ll_now(void) {
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

void ll_path(char *out, size_t size, const char *name) {
	snprintf(out, size, "%s/%s", ll_build, name);
}

int ll_attach(void) {
	const char *build = getenv("LOGLIN_BUILD"), *job = getenv("LOGLIN_JOB");
	if (!build || !job || build[0] != '/') return 0;
	if (strlen(build) >= sizeof ll_build || strlen(job) >= sizeof ll_job) return 0;
	const char *mark = strrchr(build, '-'), *slash = strchr(job, '/');
	if (!mark || strlen(mark + 1) != 16 || !slash || (size_t)(slash - job) >= sizeof ll_job_slot) return 0;
	strcpy(ll_build, build);
	strcpy(ll_job, job);
	strcpy(nonce, mark + 1);
	memcpy(ll_job_slot, job, (size_t)(slash - job));
	const char *trace = getenv("LOGLIN_TRACE");
	/* An environment that had none of our variables (launchers.c). */
	if (!trace) trace = getenv("LOGLIN_SCRUBBED");
	if (trace && trace[0] == '/' && strlen(trace) < sizeof ll_trace_file) strcpy(ll_trace_file, trace);
	return 1;
}

/* Uses the stack only, since it may be called in a vfork child. Appends with one write, since other
 * processes append too. */
void ll_trace(const char *format, ...) {
	char line[1024];
	int saved = errno;
	unsigned mode;
	long long now = ll_now();
	va_list args;
	size_t n = (size_t)snprintf(
		line, sizeof line, "%lld.%03lld %d library ", now / 1000000, now / 1000 % 1000, (int)getpid());
	va_start(args, format);
	vsnprintf(line + n, sizeof line - n - 1, format, args);
	va_end(args);
	for (; line[n]; n++)
		if ((unsigned char)line[n] < 0x20 || line[n] == 0x7f) line[n] = '?';
	line[n++] = '\n';
	int fd = open(ll_trace_file, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && raw_fstat(fd, NULL, NULL, &mode, NULL) == 0 && (mode & S_IFMT) == S_IFREG)
		ll_write_all(fd, line, n);
	if (fd >= 0) close(fd);
	errno = saved;
}

/* Is this tool to be split? The recorder makes a file for each one that is. */
int ll_is_hooked(const char *name) {
	char path[300], file[32];
	snprintf(file, sizeof file, "h.%s", name);
	ll_path(path, sizeof path, file);
	return syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
}

static int open_control(void) {
	char path[300];
	ll_path(path, sizeof path, "ctl");
	return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
}

/* A FIFO can be opened for writing without waiting only while somebody reads it. */
int ll_alive(void) {
	int saved = errno, fd = open_control();
	if (fd >= 0) close(fd);
	errno = saved;
	return fd >= 0;
}

int ll_is_forwarded(void) {
	return strchr(ll_job_slot, '+') != NULL;
}

void ll_become(const char *slots, const char *id) {
	snprintf(ll_job_slot, sizeof ll_job_slot, "%s", slots);
	snprintf(ll_job, sizeof ll_job, "%s/%s", slots, id);
}

static int is_slot_named(int fd, const char *name, size_t length) {
	char path[300];
	unsigned long long device, inode, slot_device, slot_inode;
	if (length == 0 || raw_fstat(fd, &device, &inode, NULL, NULL) != 0) return 0;
	snprintf(path, sizeof path, "%s/s/%.*s", ll_build, (int)length, name);
	struct statx s;
	if (syscall(SYS_statx, AT_FDCWD, path, 0, STATX_BASIC_STATS, &s) != 0) return 0;
	slot_device = (unsigned long long)s.stx_dev_major << 32 | s.stx_dev_minor;
	slot_inode = s.stx_ino;
	return device == slot_device && inode == slot_inode;
}

int ll_is_slot(int fd) {
	size_t first = strcspn(ll_job_slot, "+");
	if (strcmp(ll_job_slot, "-") == 0) return 0;
	if (is_slot_named(fd, ll_job_slot, first)) return 1;
	if (!ll_job_slot[first]) return 0;
	return is_slot_named(fd, ll_job_slot + first + 1, strlen(ll_job_slot + first + 1)) ? 2 : 0;
}

/* A tool that prints the files which its jobs write to has noted them in the build's folder
 * (LoglinParallel.pm). */
int ll_is_pipe(int fd) {
	char path[400], name[80];
	unsigned long long device, inode;
	unsigned mode;
	if (raw_fstat(fd, &device, &inode, &mode, NULL) != 0) return 0;
	if (S_ISFIFO(mode)) return !ll_is_slot(fd);
	if (!S_ISREG(mode)) return 0;
	snprintf(name, sizeof name, "f.%llu.%llu.%llu", device >> 32, device & 0xffffffff, inode);
	ll_path(path, sizeof path, name);
	return syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
}

/* The FIFO "free" holds the numbers of the free slots, 8 bytes each. A read takes one, even while others
 * read. */
int ll_take_slot(char slot[16]) {
	char path[300], token[9] = "";
	ll_path(path, sizeof path, "free");
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), got = 0;
	if (fd < 0) {
		TRACE("no slot: %s cannot be opened: errno %d", path, errno);
		return 0;
	}
	for (int tries = 0; tries < 25; tries++) {
		ssize_t n = read(fd, token, sizeof token - 1);
		if (n == (ssize_t)sizeof token - 1) {
			got = 1;
			break;
		}
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) break;
		struct pollfd p = {.fd = fd, .events = POLLIN};
		poll(&p, 1, 20);
	}
	close(fd);
	if (!got) {
		TRACE("no slot: none became free");
		return 0;
	}
	snprintf(slot, 16, "%d", atoi(token));
	return 1;
}

void ll_ring(void) {
	char path[300];
	struct held_signals held;
	ll_path(path, sizeof path, "bell");
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) return;
	ll_hold_signals(&held);
	/* A full one rings already. */
	int failed = write(fd, "!", 1) < 0;
	ll_release_signals(&held, failed);
	close(fd);
}

void ll_return_slot(const char *slot) {
	char path[300], token[16];
	ll_path(path, sizeof path, "free");
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) return;
	ll_write_all(fd, token, (size_t)snprintf(token, sizeof token, "%8s", slot));
	close(fd);
}

/* Opens a slot, the first one of two, for writing, with the flags of the descriptor that it replaces: make
 * sets O_APPEND on its output. */
int ll_open_slot(const char *slot, int instead_of) {
	char path[300];
	int flags = fcntl(instead_of, F_GETFL);
	snprintf(path, sizeof path, "%s/s/%.*s", ll_build, (int)strcspn(slot, "+"), slot);
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) TRACE("slot %s cannot be opened: errno %d", slot, errno);
	if (fd >= 0) fcntl(fd, F_SETFL, O_WRONLY | (flags < 0 ? 0 : flags & O_APPEND));
	return fd;
}

void record_start(struct record *r) {
	r->data = r->small;
	r->length = 0;
	r->room = sizeof r->small;
}

static void record_bytes(struct record *r, const char *bytes, size_t n) {
	if (r->length + n > r->room) {
		size_t room = (r->length + n) * 2;
		char *data = malloc(room);
		if (!data) return;
		memcpy(data, r->data, r->length);
		if (r->data != r->small) free(r->data);
		r->data = data;
		r->room = room;
	}
	memcpy(r->data + r->length, bytes, n);
	r->length += n;
}

void record_add(struct record *r, const char *field) {
	record_bytes(r, field, strlen(field) + 1);
}

void record_addf(struct record *r, const char *format, ...) {
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	record_add(r, text);
}

/* Between ll_hold_signals and ll_release_signals a failing write neither kills by SIGPIPE or SIGXFSZ nor
 * leaves one pending. */
static const int write_signals[] = {SIGPIPE, SIGXFSZ};

void ll_hold_signals(struct held_signals *held) {
	sigset_t both, pending;
	sigemptyset(&both);
	for (size_t i = 0; i < 2; i++) sigaddset(&both, write_signals[i]);
	sigprocmask(SIG_BLOCK, &both, &held->before);
	for (size_t i = 0; i < 2; i++) {
		/* A signal that was not blocked cannot be pending. */
		held->pending[i] = sigismember(&held->before, write_signals[i]) == 1 && sigpending(&pending) == 0 &&
			sigismember(&pending, write_signals[i]) == 1;
	}
}

void ll_release_signals(struct held_signals *held, int failed) {
	static const struct timespec now = {0, 0};
	for (size_t i = 0; failed && i < 2; i++) {
		sigset_t one, pending;
		sigemptyset(&one);
		sigaddset(&one, write_signals[i]);
		sigpending(&pending);
		if (held->pending[i] || sigismember(&pending, write_signals[i]) != 1) continue;
		while (sigtimedwait(&one, NULL, &now) < 0 && errno == EINTR) {}
	}
	sigprocmask(SIG_SETMASK, &held->before, NULL);
}

int ll_write_all(int fd, const char *bytes, size_t n) {
	struct held_signals held;
	ll_hold_signals(&held);
	while (n > 0) {
		ssize_t done = write(fd, bytes, n);
		if (done >= 0) {
			bytes += done;
			n -= (size_t)done;
		} else if (errno == EAGAIN) {
			struct pollfd p = {.fd = fd, .events = POLLOUT};
			poll(&p, 1, -1);
		} else if (errno != EINTR) {
			break;
		}
	}
	ll_release_signals(&held, n > 0);
	return n == 0;
}

size_t ll_record_length(const char *text, size_t size) {
	size_t mark = 1 + strlen(nonce), there = size - 1 < mark - 1 ? size - 1 : mark - 1;
	if (text[0] != '\x1e' || memcmp(text + 1, nonce, there) != 0) return LL_NO_RECORD;
	const char *end = memchr(text, '\x1f', size < RECORD_MAX ? size : RECORD_MAX);
	if (end) return (size_t)(end - text) + 1;
	return size < RECORD_MAX ? LL_MORE : LL_NO_RECORD;
}

/* Writes a record to out and returns its length. If it does not fit, it is cut if that is allowed; else
 * returns 0. */
static size_t inline_record(const struct record *r, char kind, int may_cut, char out[RECORD_MAX]) {
	size_t n = (size_t)snprintf(out, RECORD_MAX, "\x1e%s%c:", nonce, kind);
	for (size_t i = 0; i < r->length; i++) {
		unsigned char c = (unsigned char)r->data[i];
		if (n + 4 > RECORD_MAX) {
			if (!may_cut) return 0;
			break;
		}
		if (c == 0) {
			if (i + 1 < r->length) out[n++] = '\t';
		} else if (c < 0x20 || c == 0x7f || c == '%') {
			static const char hex[] = "0123456789abcdef";
			out[n++] = '%';
			out[n++] = hex[c >> 4];
			out[n++] = hex[c & 15];
		} else {
			out[n++] = (char)c;
		}
	}
	out[n++] = '\x1f';
	return n;
}

static size_t spooled_record(const struct record *r, char kind, char out[RECORD_MAX]) {
	char name[64], path[400];
	snprintf(name, sizeof name, "r.%d.%u.%llx", (int)getpid(), spool_count++, ll_now());
	ll_path(path, sizeof path, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) return 0;
	int whole = ll_write_all(fd, r->data, r->length);
	close(fd);
	if (!whole) {
		unlink(path);
		return 0;
	}
	return (size_t)snprintf(out, RECORD_MAX, "\x1e%s%c@%s\x1f", nonce, kind, name);
}

void record_add_command(struct record *r, char *room, size_t size) {
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, room, size - 1);
	if (fd >= 0) close(fd);
	if (n > 0) room[n] = 0;
	for (ssize_t i = 0; i < n; i += (ssize_t)strlen(room + i) + 1) record_add(r, room + i);
}

int record_send(struct record *r, int fd, char kind) {
	char out[RECORD_MAX];
	int saved = errno, control = -1, sent = 0;
	size_t n = inline_record(r, kind, 0, out);
	if (n == 0) n = spooled_record(r, kind, out);
	/* No room for a file: a job whose command is cut short is better than none. */
	if (n == 0) n = inline_record(r, kind, 1, out);
	if (fd < 0) {
		fd = control = open_control();
		if (control >= 0) fcntl(control, F_SETFL, O_WRONLY);
	}
	if (fd >= 0 && n > 0) sent = ll_write_all(fd, out, n);
	if (control >= 0) close(control);
	if (r->data != r->small) free(r->data);
	errno = saved;
	return sent;
}

size_t record_write_text(int fd, const char *writer, const char *text) {
	char out[RECORD_MAX];
	size_t longest_head = (size_t)snprintf(NULL, 0, "\x1e%sT:%s\t%d\x1f", nonce, writer, RECORD_MAX);
	size_t n = strnlen(text, RECORD_MAX - longest_head);
	size_t head = (size_t)snprintf(out, sizeof out, "\x1e%sT:%s\t%zu\x1f", nonce, writer, n);
	memcpy(out + head, text, n);
	return ll_write_all(fd, out, head + n) ? n : 0;
}

int ll_status_record(char *out, size_t size, const char *before, const char *id, const char *after) {
	return snprintf(out, size, "%s\x1e%sv:%s\t%%f\x1f%s", before, nonce, id, after) < (int)size;
}
