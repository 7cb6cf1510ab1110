# Read first by every GNU make of a build, through MAKEFILES: has make put into each recipe's environment what
# only make knows. The capture library takes it out again before the recipe starts. @SELF@ is this file, which
# must not be looked up in the rules.
# By $(value), since make 4.4 expands exported variables for each $(shell) too, where there is no target and
# --warn-undefined-variables would tell of $@.
export LOGLIN_TARGET = $(value @)$(if $(value %),($(value %)))
export LOGLIN_NEWER = $(value ?)
export LOGLIN_NEEDS = $(value ^) | $(value |)
export LOGLIN_GOALS = $(if $(filter-out undefined,$(origin MAKECMDGOALS)),$(MAKECMDGOALS),$(.DEFAULT_GOAL))
@SELF@: ;
MAKEFILE_LIST :=
