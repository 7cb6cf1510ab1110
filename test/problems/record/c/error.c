int error_count(void) { return 0; }
