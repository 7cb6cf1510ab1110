#ifndef LIBA_H
#define LIBA_H

#include <stddef.h>

struct buffer {
    char *data;
    size_t length, capacity;
};

struct list {
    struct list *next;
    void *value;
};

void *alloc_or_die(size_t size);
void buffer_append(struct buffer *buffer, const char *data, size_t length);
unsigned hash_bytes(const char *data, size_t length);
struct list *list_push(struct list *list, void *value);
size_t list_length(const struct list *list);
char *text_trim(char *text);
size_t utf8_length(const char *text);

#endif
