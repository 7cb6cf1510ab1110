/* make.c: GNU make. */
#ifndef LOGLIN_MAKE_H
#define LOGLIN_MAKE_H

#include "tool.h"

/* GNU make's functions if this program is GNU make, else NULL. */
const struct tool *make_recognise(const char *exe);

#endif
