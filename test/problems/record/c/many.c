#warning "ein Umlaut: ü"
int many(int x)
{
	switch (x) {
	case 1:
		x = 2;
	case 2:
		x = 3;
	}
	return x == x;
}
