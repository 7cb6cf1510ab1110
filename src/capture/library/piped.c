/* Children whose output the tool itself reads from a pipe: it is copied to their slots as it arrives. Knows
 * no tool, nor who the children are.
 *
 * Programs below a child (make, a nested loglin) may write records into the pipe. Those are for the slot
 * only, so poll and read are wrapped here: the tool gets the output without them. This is in a second library
 * because no other program needs poll and read wrapped. */
#include "piped.h"
#include "launchers.h"
#include "slots.h"

static struct piped *children;
void (*piped_made)(const int ends[2]);

static int make_pipe(int ends[2], int flags) {
	int result = (int)syscall(SYS_pipe2, ends, flags);
	if (result == 0 && in_tool() && piped_made) piped_made(ends);
	return result;
}

EXPORT int pipe(int ends[2]) {
	return make_pipe(ends, 0);
}

EXPORT int pipe2(int ends[2], int flags) {
	return make_pipe(ends, flags);
}

void piped_add(struct piped *child) {
	child->next = children;
	children = child;
}

void piped_remove(const struct piped *child) {
	for (struct piped **at = &children; *at; at = &(*at)->next)
		if (*at == child) {
			*at = child->next;
			return;
		}
}

/* Is the descriptor still the pipe? libuv closes descriptors by a system call of its own. */
static int is_still_open(const struct piped *child) {
	unsigned long long inode;
	return !child->inode || (raw_fstat(child->fd, NULL, &inode, NULL, NULL) == 0 && inode == child->inode);
}

static struct piped *child_of(int fd) {
	if (fd < 0) return NULL;
	for (struct piped *child = children; child; child = child->next) {
		if (child->fd != fd || !*child->slot) continue;
		if (is_still_open(child)) return child;
		child->fd = -1;
	}
	return NULL;
}

/* Appends the text to the pending bytes, and drops records. The possible start of a record stays behind them.
 * all: the pipe has ended. */
static void split_records(struct piped *child, int all) {
	char *text = child->data + child->pending, *end = text + child->partial, *from = text, *to = text;
	while (from < end) {
		size_t n = ll_record_length(from, (size_t)(end - from));
		if (n == LL_NO_RECORD) {
			*to++ = *from++;
		} else if (n == LL_MORE) {
			if (!all) break;
			*to++ = *from++;
		} else {
			from += n;
		}
	}
	if (child->seen) child->seen(child, text, (size_t)(to - text));
	child->pending += (size_t)(to - text);
	child->partial = (size_t)(end - from);
	memmove(to, from, child->partial);
}

/* Reads from the pipe. Returns 0, with errno, if there is nothing to read for now. */
static int fill(struct piped *child) {
	size_t used = child->pending + child->partial;
	ssize_t n = syscall(SYS_read, child->fd, child->data + used, sizeof child->data - used);
	if (n < 0) {
		if (errno == EINTR || errno == EAGAIN) return 0;
		child->ended = 1; /* the tool's own read gets the error */
		return 1;
	}
	if (n == 0) {
		split_records(child, 1);
		if (!child->ended && child->finished) child->finished(child);
		child->ended = 1;
		return 1;
	}
	int slot = strcmp(child->slot, "-") == 0 ? -1 : ll_open_slot(child->slot, tool_record_fd);
	if (slot >= 0) {
		ll_write_all(slot, child->data + used, (size_t)n);
		close(slot);
	}
	child->partial += (size_t)n;
	split_records(child, 0);
	return 1;
}

static int has_something(const struct piped *child) {
	return child->pending > 0 || child->ended;
}

/* Corrects the kernel's answer to poll: a pipe that had only records is not ready. */
static int ready(struct pollfd *fds, nfds_t count, int result) {
	int answer = result;
	for (nfds_t i = 0; i < count; i++) {
		struct piped *child = child_of(fds[i].fd);
		if (!child) continue;
		int was = fds[i].revents != 0;
		if (was && !has_something(child)) fill(child);
		fds[i].revents = has_something(child) ? POLLIN : 0;
		answer += (fds[i].revents != 0) - was;
	}
	return answer;
}

static int any_pending(const struct pollfd *fds, nfds_t count) {
	for (nfds_t i = 0; i < count; i++) {
		const struct piped *child = child_of(fds[i].fd);
		if (child && has_something(child)) return 1;
	}
	return 0;
}

EXPORT int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask) {
	typedef int ppoll_fn(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
	static ppoll_fn *real;
	static const struct timespec now;
	if (!real) real = (ppoll_fn *)ll_next("ppoll");
	if (!real) {
		errno = ENOSYS;
		return -1;
	}
	if (!in_tool()) return real(fds, count, timeout, mask);
	for (;;) {
		int pending = any_pending(fds, count);
		int result = real(fds, count, pending ? &now : timeout, mask);
		if (result < 0) return result;
		result = ready(fds, count, result);
		if (result > 0 || pending || timeout) return result;
	}
}

EXPORT int poll(struct pollfd *fds, nfds_t count, int timeout) {
	struct timespec t = {timeout / 1000, timeout % 1000 * 1000000L};
	return ppoll(fds, count, timeout < 0 ? NULL : &t, NULL);
}

static size_t take(struct piped *child, char *into, size_t size) {
	size_t n = child->pending < size ? child->pending : size;
	memcpy(into, child->data, n);
	child->pending -= n;
	memmove(child->data, child->data + n, child->pending + child->partial);
	return n;
}

/* Reads until the buffer is full, or the pipe empty: libuv takes a read that is shorter than its buffer as
 * the sign that nothing more is there. */
static ssize_t read_all_there_is(struct piped *child, char *into, size_t size) {
	size_t n = 0;
	while (n < size && (has_something(child) || fill(child))) {
		size_t taken = take(child, into + n, size - n);
		if (taken == 0 && child->ended) break;
		n += taken;
	}
	if (n > 0) return (ssize_t)n;
	return child->ended ? syscall(SYS_read, child->fd, into, size) : -1;
}

EXPORT ssize_t read(int fd, void *into, size_t size) {
	struct piped *child = in_tool() ? child_of(fd) : NULL;
	if (child && fcntl(fd, F_GETFL) & O_NONBLOCK) return read_all_there_is(child, into, size);
	while (child && !has_something(child)) fill(child);
	if (!child || child->pending == 0) return syscall(SYS_read, fd, into, size);
	return (ssize_t)take(child, into, size);
}

EXPORT int close(int fd) {
	struct piped *child = in_tool() ? child_of(fd) : NULL;
	if (child) child->fd = -1;
	return (int)syscall(SYS_close, fd);
}
