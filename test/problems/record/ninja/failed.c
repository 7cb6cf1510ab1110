int failed(void)
{
	int unused;
	return
}
