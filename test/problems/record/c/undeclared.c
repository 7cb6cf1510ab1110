#include "parts.h"

int twice(int n)
{
	count += n;
	count++;
	return helper(n) + frobnicate(n);
}

int nothing(void)
{
}
