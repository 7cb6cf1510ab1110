/* Sends streams to the build's relay (SCM_RIGHTS, unix(7)). Knows nothing of what they are. */
#include "handover.h"
#include "slots.h"
#include <sys/socket.h>
#include <sys/un.h>

#define MOST 3

/* The build's folder may have a longer name than an address can: then it is reached through a descriptor. */
static int relay_address(struct sockaddr_un *address, int *folder) {
	memset(address, 0, sizeof *address);
	address->sun_family = AF_UNIX;
	*folder = -1;
	int n = snprintf(address->sun_path, sizeof address->sun_path, "%s/" RELAY_SOCKET, ll_build);
	if (n < (int)sizeof address->sun_path) return 1;
	*folder = open(ll_build, O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/" RELAY_SOCKET, *folder);
	return *folder >= 0;
}

/* Asks the recorder to start a relay. */
static int ask_for_relay(void) {
	struct record r;
	record_start(&r);
	int sent = record_send(&r, -1, 'k');
	if (sent) ll_ring();
	return sent;
}

int ll_hand_over(const int *fds, int count) {
	struct sockaddr_un address;
	char byte = 0;
	union {
		char room[CMSG_SPACE(MOST * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec data = {&byte, 1};
	struct msghdr message = {.msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &data,
		.msg_iovlen = 1, .msg_control = control.room,
		.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int))};
	int folder, sent = 0, asked = 0, out = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (out < 0) return 0;
	if (!relay_address(&address, &folder)) {
		close(out);
		return 0;
	}
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
	memcpy(CMSG_DATA(header), fds, (size_t)count * sizeof(int));
	for (int tries = 0; tries < 500 && !sent; tries++) {
		sent = sendmsg(out, &message, 0) >= 0;
		if (sent || (errno != ENOENT && errno != ECONNREFUSED && errno != EINTR)) break;
		if (!asked && !ask_for_relay()) break;
		asked = 1;
		poll(NULL, 0, 4);
	}
	close(out);
	if (folder >= 0) close(folder);
	return sent;
}
