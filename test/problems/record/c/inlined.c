#include <string.h>

static void fill(char *to) { strcpy(to, "far too long for it"); }

int inlined(void)
{
	char small[4];
	fill(small);
	return small[0];
}
