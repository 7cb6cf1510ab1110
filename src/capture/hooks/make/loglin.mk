# Every GNU make of a build reads this first, through MAKEFILES. It makes make put what only make knows into
# each recipe's environment. The capture library removes it again before the recipe starts. @SELF@ is this
# file: its empty rule keeps make from searching for one.
# $(value) is used because make 4.4 expands exported variables for each $(shell) too. There is no target then,
# and --warn-undefined-variables would warn about $@.
export LOGLIN_TARGET = $(value @)$(if $(value %),($(value %)))
export LOGLIN_NEWER = $(value ?)
export LOGLIN_NEEDS = $(value ^) | $(value |)
export LOGLIN_GOALS = $(if $(filter-out undefined,$(origin MAKECMDGOALS)),$(MAKECMDGOALS),$(.DEFAULT_GOAL))
@SELF@: ;
MAKEFILE_LIST :=
