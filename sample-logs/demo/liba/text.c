#include <ctype.h>
#include <string.h>
#include "liba.h"

static char *skip_spaces(char *text) {
    while (isspace((unsigned char)*text)) text++;
    return text;
}

char *text_trim(char *text) {
    text = skip_spaces(text);
    char *end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1])) end--;
    *end = '\0';
    return text;
}
