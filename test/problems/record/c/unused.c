#include <stdio.h>

static int never(void) { return 1; }

int used(int argument, char *other)
{
	int value;
	long number = 3;
	if (argument = 4)
		printf("%d\n", number);
	for (unsigned i = 0; i < argument; i++)
		puts("x");
	return 0;
}
