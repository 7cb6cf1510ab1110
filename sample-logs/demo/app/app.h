#ifndef APP_H
#define APP_H

#include "../include/version.h"
#include "../liba/liba.h"

struct options {
    int port;
    int verbose;
    const char *root;
};

int args_parse(int argc, char **argv, struct options *options);
void cache_put(const char *key, void *value);
void *cache_get(const char *key);
int config_read(const char *path, struct options *options);
int net_listen(int port);
void render_page(struct buffer *out, const char *title);
int server_run(const struct options *options);

#endif
