all: x
x: y
y: x
	@echo y
include settings.mk
