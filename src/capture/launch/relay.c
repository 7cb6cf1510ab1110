/* The relay of a build. Node gives its children sockets for pipes, and these cannot be opened anew through
 * /proc. So the shim of a script sends them here (SCM_RIGHTS, unix(7)), with the FIFO that the recorder
 * writes into. A make sends the other sides of its jobs' terminals, with their slots (terminals.c).
 *
 * One process does that for all of a build; the recorder starts it when the first one asks. It never
 * waits for one reader: what does not fit waits here, and the FIFO is not read meanwhile, so that the writers
 * wait as they would without us. If a reader is gone, its FIFO is closed. The recorder passes that on. */
#include "relay.h"
#include "../library/handover.h"
#include "../library/slots.h"
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#define CHUNK 65536

struct stream {
	struct stream *next;
	int from_fd, to; /* a FIFO that the recorder writes into, or a terminal's other side (terminals.c) */
	int until;       /* is held open until the stream has ended; -1: none */
	int is_socket;
	size_t from, n; /* the bytes that wait */
	char data[CHUNK];
};

static int is_relayed(int fd) {
	unsigned mode;
	return ll_is_pipe(fd) || (raw_fstat(fd, NULL, NULL, &mode, NULL) == 0 && S_ISSOCK(mode));
}

static unsigned long long inode_of(int fd) {
	unsigned long long inode = 0;
	raw_fstat(fd, NULL, &inode, NULL, NULL);
	return inode;
}

/* -- the shim's side ------------------------------------------------------------------------------------- */

static int relay_stream(const char *job, int fd) {
	char path[400], name[80];
	snprintf(name, sizeof name, "%s.%d", job, fd);
	ll_path(path, sizeof path, name);
	if (mkfifo(path, 0600) != 0) return 0;
	int fifo = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	const int fds[2] = {fifo, fd};
	return fifo >= 0 && ll_hand_over(fds, 2);
}

/* Notes the streams by their inodes, for the process that reaps the job (pipes.c, ll_shares_relayed). */
static void note_streams(const char *job, int out, int err) {
	char path[400], name[80], text[80];
	snprintf(name, sizeof name, "%s.streams", job);
	ll_path(path, sizeof path, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) return;
	int n = snprintf(text, sizeof text, "%llu %llu", out ? inode_of(1) : 0, err ? inode_of(2) : 0);
	ll_write_all(fd, text, (size_t)n);
	close(fd);
}

static int make_second_slot(const char *job) {
	char path[400], name[100];
	snprintf(name, sizeof name, "s/%se", job);
	ll_path(path, sizeof path, name);
	return mkfifo(path, 0600) == 0;
}

int relay(const char *folder, const char *job, const char *captured) {
	const char *mark = strrchr(folder, '-');
	char place[80];
	if (strlen(folder) >= sizeof ll_build || strlen(job) > 40 || !mark) return 0;
	/* Records need the build's mark. */
	snprintf(place, sizeof place, "-/%s", job);
	setenv("LOGLIN_BUILD", folder, 1);
	setenv("LOGLIN_JOB", place, 1);
	if (!ll_attach()) return 0;
	int out = captured[0] == '0' && is_relayed(1), err = captured[1] == '0' && is_relayed(2);
	int same = out && err && inode_of(1) == inode_of(2);
	int both = (out || captured[0] == '1') && (err || captured[1] == '1');
	int two = captured[2] == '2' || ((out || err) && both && !same);
	if (two && !make_second_slot(job)) return 0;
	if (out && !relay_stream(job, 1)) return 0;
	if (err && !same && !relay_stream(job, 2)) return 0;
	if (out || err) note_streams(job, out, err);
	return out + 2 * err + 4 * same + 8 * two;
}

/* -- the relay ------------------------------------------------------------------------------------------- */

static struct stream *streams;
static size_t stream_count;

/* Is it what is copied from: a FIFO of the build, or the other side of a terminal? Anybody in the build may
 * send anything here, and what never ends would keep the relay for ever. */
static int is_source(int fd) {
	unsigned long long device, own;
	unsigned mode, number;
	struct statx s;
	if (raw_fstat(fd, &device, NULL, &mode, NULL) != 0) return 0;
	if (!S_ISFIFO(mode)) return S_ISCHR(mode) && ioctl(fd, TIOCGPTN, &number) == 0;
	if (syscall(SYS_statx, AT_FDCWD, ll_build, 0, STATX_BASIC_STATS, &s) != 0) return 0;
	own = (unsigned long long)s.stx_dev_major << 32 | s.stx_dev_minor;
	return device == own;
}

static void take_streams(int from) {
	int fds[3];
	char byte;
	union {
		char room[CMSG_SPACE(sizeof fds)];
		struct cmsghdr align;
	} control;
	struct iovec data = {&byte, 1};
	/* Not as long as the room, in which the system would put a fourth descriptor. */
	struct msghdr message = {.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = CMSG_LEN(sizeof fds)};
	while (recvmsg(from, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) > 0) {
		const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		message.msg_controllen = CMSG_LEN(sizeof fds);
		size_t count = 0;
		unsigned mode;
		if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
			count = (header->cmsg_len - CMSG_LEN(0)) / sizeof *fds;
			memcpy(fds, CMSG_DATA(header), count * sizeof *fds);
		}
		struct stream *one = count < 2 || !is_source(fds[0]) ? NULL : calloc(1, sizeof *one);
		if (!one || raw_fstat(fds[1], NULL, NULL, &mode, NULL) != 0) {
			for (size_t i = 0; i < count; i++) close(fds[i]);
			free(one);
			continue;
		}
		one->from_fd = fds[0];
		one->to = fds[1];
		one->until = count > 2 ? fds[2] : -1;
		fcntl(one->from_fd, F_SETFL, fcntl(one->from_fd, F_GETFL) | O_NONBLOCK);
		one->is_socket = S_ISSOCK(mode);
		if (!one->is_socket) {
			/* A description of our own, so that its flags are not those of the script. */
			char path[64];
			snprintf(path, sizeof path, "/proc/self/fd/%d", fds[1]);
			int own = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC);
			if (own >= 0) {
				close(one->to);
				one->to = own;
			}
		}
		one->next = streams;
		streams = one;
		stream_count++;
	}
}

/* Writes what waits. Returns 0 if the reader is gone. */
static int write_waiting(struct stream *one) {
	while (one->n > 0) {
		const char *text = one->data + one->from;
		ssize_t done = one->is_socket ? send(one->to, text, one->n, MSG_DONTWAIT | MSG_NOSIGNAL)
									  : write(one->to, text, one->n);
		if (done < 0 && errno == EINTR) continue;
		if (done < 0) return errno == EAGAIN;
		one->from += (size_t)done;
		one->n -= (size_t)done;
	}
	return 1;
}

/* Copies what has come. Returns 0 if the recorder has closed the FIFO, or if the reader is gone. */
static int copy(struct stream *one) {
	if (one->n == 0) {
		ssize_t n = read(one->from_fd, one->data, sizeof one->data);
		if (n < 0) return errno == EAGAIN || errno == EINTR;
		if (n == 0) return 0;
		one->from = 0;
		one->n = (size_t)n;
	}
	return write_waiting(one);
}

static void end_stream(struct stream *one) {
	for (struct stream **at = &streams; *at; at = &(*at)->next)
		if (*at == one) {
			*at = one->next;
			break;
		}
	close(one->from_fd);
	close(one->to);
	if (one->until >= 0) close(one->until);
	free(one);
	stream_count--;
}

int relay_all(const char *folder) {
	struct sockaddr_un address;
	if (strlen(folder) >= sizeof ll_build) return 1;
	strcpy(ll_build, folder);
	signal(SIGPIPE, SIG_IGN);
	int in = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (in < 0 || chdir(folder) != 0) return 1;
	/* The address is relative: the folder may have a longer name than an address can. */
	memset(&address, 0, sizeof address);
	address.sun_family = AF_UNIX;
	strcpy(address.sun_path, RELAY_SOCKET);
	unlink(RELAY_SOCKET);
	umask(077);
	if (bind(in, (const struct sockaddr *)&address, sizeof address) != 0) return 1;
	/* The folder is removed when the build has ended. */
	if (chdir("/") != 0) return 1;
	while (stream_count > 0 || ll_alive()) {
		size_t n = 0;
		struct pollfd *fds = calloc(stream_count + 1, sizeof *fds);
		struct stream **order = calloc(stream_count + 1, sizeof *order);
		if (!fds || !order) return 1;
		for (struct stream *one = streams; one; one = one->next) {
			order[n] = one;
			fds[n++] = one->n > 0 ? (struct pollfd){.fd = one->to, .events = POLLOUT}
								  : (struct pollfd){.fd = one->from_fd, .events = POLLIN};
		}
		fds[n] = (struct pollfd){.fd = in, .events = POLLIN};
		poll(fds, n + 1, 500);
		for (size_t i = 0; i < n; i++)
			if (fds[i].revents && !copy(order[i])) end_stream(order[i]);
		if (fds[n].revents) take_streams(in);
		free(fds);
		free(order);
	}
	return 0;
}
