#include <stdio.h>
#include "app.h"

int main(int argc, char **argv) {
    struct options options = {8080, 0, "."};
    config_read("demo.conf", &options);
    if (!args_parse(argc, argv, &options)) {
        fputs("usage: demo [-v] [-p PORT] [ROOT]\n", stderr);
        return 2;
    }
    if (options.verbose) printf("demo %s\n", DEMO_VERSION);
    return server_run(&options);
}
