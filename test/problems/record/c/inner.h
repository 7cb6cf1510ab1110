static inline int inner(void)
{
	int left_over = 1;
	return "text";
}
