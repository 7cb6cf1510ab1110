/* What every part of the capture library starts with.
 *
 * The library is loaded (LD_PRELOAD) into launchers: shells, make, env, python and their like. In all of them
 * it only decides who inherits it (launchers.c, wrappers.c). In GNU make and ninja it also gives every job a
 * slot of its own and reports starts, ends and, of make, the graph (tool.c, make.c, ninja.c). ninja gets a
 * library of its own, which has ninja.c besides.
 *
 * Each part includes only those below it: wrappers > make, ninja > tool > launchers > slots.
 * test/capture/library-layers.test.ts reads the includes, and what each header declares, and fails otherwise.
 *
 * The library is linked with -nostdlib and takes only unversioned, plain symbols, so that one file loads
 * under glibc and musl. Nothing of its own stays open between two calls, no signal disposition changes, and
 * where the recorder is gone it does nothing at all. */
#ifndef LOGLIN_COMMON_H
#define LOGLIN_COMMON_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

extern char **environ;

#endif
