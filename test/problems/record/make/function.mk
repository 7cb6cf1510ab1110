$(warning careful here)
ifndef WANTED
$(error WANTED is not set)
endif
