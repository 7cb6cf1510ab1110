#ifndef PARTS_H
#define PARTS_H
int helper(int n);
struct part { int size; const char *name; };
#define CHECK(x) do { int checked = x; (void)checked; } while (0)
#endif
