/* error: this is only a comment */
const char *message = "warning: nothing to see";
