#include "liba.h"
#include "tables.h"

unsigned hash_bytes(const char *data, size_t length) {
    unsigned hash = 2166136261u;
    for (int i = 0; i < length; i++) { // cc: <: warning: comparison of integer expressions of different signedness: 'int' and 'size_t' [-Wsign-compare]
        hash ^= (unsigned char)data[i];
        hash *= 16777619u;
        hash ^= mix[hash & 15];
    }
    return hash;
}
