/* ninja.c: ninja and samurai. Only in the second library. */
#ifndef LOGLIN_NINJA_H
#define LOGLIN_NINJA_H

#include "tool.h"

/* ninja's functions if this program is ninja or samurai, else NULL. */
__attribute__((weak)) const struct tool *ninja_recognise(const char *exe);

#endif
