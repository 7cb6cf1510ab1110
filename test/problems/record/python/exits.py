import sys

assert len(sys.argv) == 2, "give one argument"
