int error;
