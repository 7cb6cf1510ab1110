/* ninja.c: ninja and samurai. Only in the library that ninja gets. */
#ifndef LOGLIN_NINJA_H
#define LOGLIN_NINJA_H

#include "tool.h"

/* The tool, if that is what this program is. */
__attribute__((weak)) const struct tool *ninja_recognise(const char *exe);

#endif
