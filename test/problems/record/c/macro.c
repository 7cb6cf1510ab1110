#include "parts.h"
#define TWICE(x) CHECK(x); CHECK(x)

void macro(void)
{
	TWICE("text");
}
