/* attendant.c starts the command and makes FIFOs for a recorder, and watches for signals. */
#ifndef LOGLIN_ATTENDANT_H
#define LOGLIN_ATTENDANT_H

#include "../library/common.h"

/* Starts an attendant, then becomes the recorder, argv. The command is the end of argv. */
int attended(char *argv[]);

/* launch.c: restores the state in LOGLIN_WAS, then becomes the command. Returns its exit status if it cannot. */
int start_command(char *argv[]);

#endif
