#include "liba.h"

struct list *list_push(struct list *list, void *value) {
    struct list *head = alloc_or_die(sizeof *head);
    head->next = list;
    head->value = value;
    return head;
}

size_t list_length(const struct list *list) {
    size_t length = 0;
    for (; list; list = list->next) length++;
    return length;
}
