#include "liba.h"
#include "tables.h"

static int sequence_length(unsigned char byte) {
    int length = 1;
    for (int i = 1; i < 4; i++) {
        if (byte >= first[i]) length = i + 1;
    }
    return length;
}

size_t utf8_length(const char *text) {
    size_t length = 0;
    while (*text) {
        int step = sequence_length((unsigned char)*text);
        while (step-- > 0 && *text) text++;
        length++;
    }
    return length;
}
