int warned(unsigned n)
{
	int x;
	return n > -1;
}
