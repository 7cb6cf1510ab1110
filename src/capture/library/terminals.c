/* Terminals in front of slots (`script -c make`, `unbuffer make`): a program there sees a terminal, as it
 * would without us, and prints colours and progress. Knows the relay, no tool.
 *
 * What is written into a new terminal comes out of it unchanged, so that the terminal that it is passed on to
 * changes it once (newlines become \r\n there). */
#include "terminals.h"
#include "handover.h"
#include "slots.h"
#include <sys/ioctl.h>
#include <termios.h>

static struct winsize size;
static struct termios modes;
static int had_terminal[3];

int ll_is_terminal(int fd) {
	struct termios found;
	return ioctl(fd, TCGETS, &found) == 0;
}

void ll_note_terminal(int fd) {
	char path[32], name[64];
	const char *variable = fd == 1 ? "MAKE_TERMOUT" : "MAKE_TERMERR";
	ioctl(fd, TIOCGWINSZ, &size);
	ioctl(fd, TCGETS, &modes);
	had_terminal[fd] = 1;
	/* make names its terminals to its jobs. */
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(path, name, sizeof name - 1);
	if (n <= 0) return;
	name[n] = 0;
	setenv(variable, name, 0);
}

int ll_had_terminal(int fd) {
	return had_terminal[fd];
}

int ll_open_terminal(int slot, int until) {
	int unlocked = 0, terminal = -1, master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (master < 0) return -1;
	if (ioctl(master, TIOCSPTLCK, &unlocked) == 0)
		terminal = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal >= 0) {
		struct termios raw = modes;
		int fds[3] = {master, slot, until};
		raw.c_oflag &= ~(tcflag_t)OPOST;
		ioctl(terminal, TCSETS, &raw);
		ioctl(terminal, TIOCSWINSZ, &size);
		if (!ll_hand_over(fds, 3)) {
			close(terminal);
			terminal = -1;
		}
	}
	close(master);
	return terminal;
}
