/* loglin-launch does what neither sh nor Node can do exactly. It is run by bin/loglin before Node, by the
 * recorder in place of a shell, and by the shim of a nested loglin. It knows nothing of jobs and records.
 *
 *   note  </proc/self/environ   prints the state that sh and Node change but the command needs unchanged,
 *                               in one line of ASCII (state.c). stdin is the environment with which the
 *                               calling shell was started. Our own environment differs from it by what that
 *                               shell has lost or added.
 *   start COMMAND ARG…          restores the state in LOGLIN_WAS, then becomes the command.
 *   join  FOLDER FIFO…          makes the FIFOs if a recorder reads in the build's folder. Exits with 1 if
 *                               none does, 2 if a FIFO cannot be made, 3 if there is a file of that name.
 *   channels NODE ARG…          becomes Node, which can then have an attendant (attendant.c).
 *   attend ASK TELL COMMAND …   is the attendant.
 *   relay FOLDER JOB CAPTURED   has a job's pipes and sockets relayed (relay.c).
 *   relays FOLDER               is the process that does that, for all jobs of a build.
 *
 * It is linked statically if possible, so that one file runs with any C library. The capture library cannot
 * be loaded into a static program, so the library's code is linked in, and decides here whether the command
 * inherits the library. */
#include "../library/slots.h"
#include "attendant.h"
#include "relay.h"
#include "state.h"

static int join(const char *folder, char *const fifos[]) {
	if (strlen(folder) >= sizeof ll_build) return 1;
	strcpy(ll_build, folder);
	if (!ll_alive()) return 1;
	for (size_t i = 0; fifos[i]; i++)
		if (mkfifo(fifos[i], 0600) != 0) return errno == EEXIST ? 3 : 2;
	return 0;
}

int main(int argc, char *argv[]) {
	if (argc == 2 && strcmp(argv[1], "note") == 0) return note_state();
	if (argc > 2 && strcmp(argv[1], "start") == 0) return start_command(argv + 2);
	if (argc > 2 && strcmp(argv[1], "channels") == 0) return channels(argv + 2);
	if (argc > 4 && strcmp(argv[1], "attend") == 0)
		return attend(atoi(argv[2]), atoi(argv[3]), take_arguments(argv + 4));
	if (argc > 2 && strcmp(argv[1], "join") == 0) return join(argv[2], argv + 3);
	if (argc == 5 && strcmp(argv[1], "relay") == 0) return relay(argv[2], argv[3], argv[4]);
	if (argc == 3 && strcmp(argv[1], "relays") == 0) return relay_all(argv[2]);
	fputs("loglin-launch: part of loglin; not to be called by hand\n", stderr);
	return 125;
}
