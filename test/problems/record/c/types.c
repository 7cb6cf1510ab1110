#include "parts.h"

static void take(struct part *part) { part->size = 1; }

int helper(char *n);

void types(void)
{
	struct part part = {0};
	take(part);
	take(&part, 1);
	part.colour = 3;
	char *text = 5;
	(void)text;
}
