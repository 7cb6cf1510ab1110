#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "app.h"

static void answer(int client, const char *root) { // cc: root: warning: unused parameter 'root' [-Wunused-parameter]
    struct buffer page = {0};
    struct buffer *cached = cache_get("/");
    if (cached) {
        page = *cached;
    } else {
        render_page(&page, "The demo");
        cache_put("/", &page);
    }
    write(client, page.data, page.length); // cc: write: warning: ignoring return value of 'write' declared with attribute 'warn_unused_result' [-Wunused-result]
    close(client);
}

int server_run(const struct options *options) {
    int listener = net_listen(options->port);
    if (listener < 0) {
        perror("listen");
        return 1;
    }
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client >= 0) answer(client, options->root);
    }
}
