#include <stdlib.h>
#include <string.h>
#include "liba.h"

static void buffer_grow(struct buffer *buffer, size_t wanted) {
    size_t spare = 16; // cc: spare: warning: unused variable 'spare' [-Wunused-variable]
    size_t capacity = buffer->capacity ? buffer->capacity : 64;
    while (capacity < wanted) capacity *= 2;
    char *data = alloc_or_die(capacity);
    memcpy(data, buffer->data, buffer->length);
    free(buffer->data);
    buffer->data = data;
    buffer->capacity = capacity;
}

void buffer_append(struct buffer *buffer, const char *data, size_t length) {
    if (buffer->length + length > buffer->capacity) buffer_grow(buffer, buffer->length + length);
    memcpy(buffer->data + buffer->length, data, length);
    buffer->length += length;
}
