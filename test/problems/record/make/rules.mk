all: a b c silent
a: ; @echo "error.c compiles"; exit 3
b: no-such-file
c: ; no-such-program --version
silent: ; @exit 1
a: ; @echo second
ignored:
	-false
