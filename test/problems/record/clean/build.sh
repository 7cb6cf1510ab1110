#!/bin/sh
# Says nothing but what looks like problems and is none.
cat <<'END'
cc -Wall -Werror -Wno-error=deprecated-declarations -c -o src/error.o src/error.c
gcc -O2 -Wfatal-errors -fdiagnostics-show-option -c warning.c -o warning.o
[ 12%] Building C object CMakeFiles/app.dir/src/error_handler.c.o
[ 24%] Building CXX object CMakeFiles/app.dir/fail/traceback.cc.o
  CC      lib/errors/fatal.o
0 errors, 0 warnings
Build succeeded: 0 Warning(s), 0 Error(s)
    0 Warning(s)
    0 Error(s)
errors: 0
no warnings
BUILD SUCCESSFUL: errors=0
checking for error_at_line... yes
checking whether gcc supports -Werror=implicit-function-declaration... yes
checking for ld used by gcc... /usr/bin/ld
configure: creating ./config.status
-- Looking for strerror_r - found
-- Performing Test HAVE_WARNING_FLAGS - Failed
-- Check for working error handling: yes
   Compiling thiserror v1.0.0
   Compiling anyhow-error v0.1.0 (/project/error)
    Finished `dev` profile [unoptimized + debuginfo] target(s) in 0.52s
test tests::returns_error ... ok
test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
ok 1 - error: is reported
ok 2 - not ok is not here # SKIP no network
# fail 0
ℹ fail 0
✔ throws an error: as it should (0.5ms)
PASS ./errors.test.js
  ✓ gives an error (2 ms)
Tests:       3 passed, 3 total
ok  	example.com/m/errors	0.003s
--- PASS: TestError (0.00s)
?   	example.com/m/error	[no test files]
test_errors.py ....                                                      [100%]
============================== 4 passed in 0.02s ===============================
100% tests passed, 0 tests failed out of 3
 1/3 Test #1: error ............................   Passed    0.01 sec
Found 0 errors.
Found 0 errors. Watching for file changes.
make[1]: Entering directory '/project/errors'
make[1]: Nothing to be done for 'error'.
make[1]: 'warning.o' is up to date.
make[1]: Leaving directory '/project/errors'
make: [Makefile:3: clean] Error 1 (ignored)
ninja: no work to do.
[3/9] CC error.o
added 3 packages, and audited 4 packages in 1s
found 0 vulnerabilities
Downloading error-stack-parser-2.0.6.tgz
INSTALL usr/include/asm-generic/errno.h
  LD      warning: of nothing
gen: wrote 12 lines to error.h
I: failed tests are run again: none
The following tests PASSED:
12:30:45 INFO server: error rate is 0.0
2026-01-02 03:04:05 error log is at /var/log/errors
see error: section of the manual
python -m pytest -W error::DeprecationWarning
echo "fatal error: none" > /dev/null
if ! grep -q 'undefined reference to' log; then echo fine; fi
printf 'main.c:1:1: error: %s\n' text > expected.txt
*** Configuration of the kernel is complete.
*** Execute 'make' to start the build.
**********************************************************************
Errors were found in 0 files
a.go is formatted
main.rs: 3 lines
__________
_ _ _ _ _
END
