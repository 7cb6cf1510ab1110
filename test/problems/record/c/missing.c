#include "no-such-file.h"
int missing;
