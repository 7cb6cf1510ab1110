/* attendant.c starts the command and makes FIFOs for a recorder, and watches for signals. */
#ifndef LOGLIN_ATTENDANT_H
#define LOGLIN_ATTENDANT_H

#include "../library/common.h"

/* Makes what leads to an attendant, then becomes Node, argv: LOGLIN_ATTENDANT="ASK TELL ASK TELL", the
 * descriptors of Node, then those of the attendant. */
int channels(char *argv[]);
/* Is the attendant, until the other end of ask is closed. argv: the command. */
int attend(int ask, int told, char *argv[]);

#endif
