int helper(int);
extern int counter;

int main(void)
{
	return helper(counter);
}
