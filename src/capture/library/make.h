/* make.c: GNU make. */
#ifndef LOGLIN_MAKE_H
#define LOGLIN_MAKE_H

#include "tool.h"

/* The tool, if that is what this program is. */
const struct tool *make_recognise(const char *exe);

#endif
