#include <stdlib.h>
#include <string.h>
#include "app.h"

int args_parse(int argc, char **argv, struct options *options) {
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-v") == 0) {
            options->verbose = 1;
        } else if (strcmp(argv[i], "-p") == 0 && i + 1 < argc) {
            options->port = atoi(argv[++i]);
        } else {
            options->root = argv[i];
        }
    }
    return options->port > 0;
}
