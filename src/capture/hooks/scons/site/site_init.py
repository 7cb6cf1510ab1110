# SCons runs this as its site_init (SCONSFLAGS=--site-dir). It hands over to loglin_scons.py, beside it.
import sys

sys.dont_write_bytecode, loglin_before = True, sys.dont_write_bytecode
try:
    import loglin_scons
finally:
    sys.dont_write_bytecode = loglin_before
loglin_scons.install(globals(), __file__)
