/* state.c notes the state in which the command is to start, and becomes the command in that state. */
#ifndef LOGLIN_STATE_H
#define LOGLIN_STATE_H

#include "../library/common.h"

/* Prints the note. stdin: the environment with which the calling shell was started. Returns the exit
 * status. */
int note_state(void);
/* Returns the arguments in LOGLIN_ARGV, each ended by NUL, which Node cannot hold; else those given. */
char **take_arguments(char *argv[]);
/* Restores the state in LOGLIN_WAS, then becomes the command. Returns its exit status if it cannot. */
int start_command(char *argv[]);

#endif
