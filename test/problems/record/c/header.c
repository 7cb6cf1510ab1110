#include "parts.h"
#include "outer.h"

int header(void) { return inner(); }
