#include <string.h>
#include "app.h"

struct entry {
    const char *key;
    void *value;
};

static struct list *buckets[64];

static struct list **bucket_of(const char *key) {
    return &buckets[hash_bytes(key, strlen(key)) % 64];
}

void cache_put(const char *key, void *value) {
    struct entry *entry = alloc_or_die(sizeof *entry);
    entry->key = key;
    entry->value = value;
    struct list **bucket = bucket_of(key);
    *bucket = list_push(*bucket, entry);
}

void *cache_get(const char *key) {
    int found; // cc: found: warning: unused variable 'found' [-Wunused-variable]
    for (struct list *at = *bucket_of(key); at; at = at->next) {
        struct entry *entry = at->value;
        if (strcmp(entry->key, key) == 0) return entry->value;
    }
    return NULL;
}
