/* ctest.c: ctest. Only in the second library. */
#ifndef LOGLIN_CTEST_H
#define LOGLIN_CTEST_H

#include "tool.h"

/* ctest's functions if this program is ctest, else NULL. */
__attribute__((weak)) const struct tool *ctest_recognise(const char *exe);

#endif
