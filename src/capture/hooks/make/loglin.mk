# Read first by every GNU make of a build, through MAKEFILES: has make put into each recipe's environment what only make knows.
# The capture library takes it out again before the recipe starts. @SELF@ is this file, which must not be looked up in the rules.
export LOGLIN_TARGET = $@$(if $%,($%))
export LOGLIN_NEWER = $?
export LOGLIN_NEEDS = $^ | $|
export LOGLIN_GOALS = $(if $(filter-out undefined,$(origin MAKECMDGOALS)),$(MAKECMDGOALS),$(.DEFAULT_GOAL))
@SELF@: ;
MAKEFILE_LIST :=
