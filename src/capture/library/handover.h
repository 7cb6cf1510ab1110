/* handover.c sends streams to the build's relay (launch/relay.c), which copies from one to another. */
#ifndef LOGLIN_HANDOVER_H
#define LOGLIN_HANDOVER_H

#include "common.h"

/* The relay's socket in the build's folder. */
#define RELAY_SOCKET "relay"

/* Has the relay copy what can be read from the first descriptor to the second one, until either ends. A third
 * one is held open that long. Starts the relay if there is none. Returns 0 if it could not be reached. */
int ll_hand_over(const int *fds, int count);

#endif
