int counter = 1;
int helper(int n) { return n; }
