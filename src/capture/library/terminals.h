/* terminals.c gives the jobs of a make that writes to a terminal terminals of their own. */
#ifndef LOGLIN_TERMINALS_H
#define LOGLIN_TERMINALS_H

#include "common.h"

int ll_is_terminal(int fd);
/* This process' stdout or stderr is a terminal, in whose place a slot will be put: notes its size and
 * modes. */
void ll_note_terminal(int fd);
/* Did this stream lead to a terminal? */
int ll_had_terminal(int fd);
/* Opens a new terminal like that one. What is written to it goes to a slot. The relay copies it there; as
 * long as it does, it holds until open. Returns -1 if that fails. */
int ll_open_terminal(int slot, int until);

#endif
