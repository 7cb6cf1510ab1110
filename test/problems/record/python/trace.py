import sys


def inner(n):
    return 1 / n


def outer(n):
    return inner(n)


print("error: 0 so far", file=sys.stderr)
outer(0)
