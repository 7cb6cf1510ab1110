#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "app.h"

int config_read(const char *path, struct options *options) {
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    char line[256];
    while (fgets(line, sizeof line, file)) {
        char *text = text_trim(line);
        if (strncmp(text, "port=", 5) == 0) options->port = atoi(text + 5);
        if (strcmp(text, "verbose") == 0) options->verbose = 1;
    }
    fclose(file);
    return 1;
}
