/* The common start of all parts of the capture library.
 *
 * The library is loaded (LD_PRELOAD) into launchers: shells, make, env, python and the like. In most of them
 * it only decides who inherits it (launchers.c, wrappers.c). In GNU make, ninja and ctest it also gives every
 * job a slot of its own, and reports starts, ends and make's graph (tool.c, make.c, ninja.c, ctest.c). ninja
 * and ctest get a second library, which also has what they need.
 *
 * Each part includes only those below it: wrappers > make, ninja, ctest > piped > tool > launchers, pipes >
 * slots, pipes > terminals > handover > slots. test/capture/library-layers.test.ts checks the includes, and
 * what each header declares.
 *
 * The library is linked with -nostdlib and uses only plain, unversioned symbols, so one file loads under
 * glibc and musl. It keeps no descriptor open between two calls, changes no signal disposition, and does
 * nothing at all if the recorder is gone. */
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
