#include "app.h"

int broken_sum(const struct list *list) {
    int unused = 0; // cc: unused: warning: unused variable 'unused' [-Wunused-variable]
    int sum = 0;
    for (; list; list = list->next) sum += list->size; // cc: size: error: 'const struct list' has no member named 'size'
    return sum // cc: sum: error: expected ';' before '}' token
}
