#include <stdio.h>
#include <stdlib.h>
#include "liba.h"

void *alloc_or_die(size_t size) {
    void *memory = malloc(size);
    if (memory == NULL) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return memory;
}
