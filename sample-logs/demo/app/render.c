#include <string.h>
#include "app.h"

static void put(struct buffer *out, const char *text) {
    buffer_append(out, text, strlen(text));
}

void render_page(struct buffer *out, const char *title) {
    put(out, "<!doctype html>\n<title>");
    put(out, title);
    put(out, "</title>\n<h1>");
    put(out, title);
    put(out, "</h1>\n");
    if (utf8_length(title) > 40) put(out, "<p>A long title.\n");
}
