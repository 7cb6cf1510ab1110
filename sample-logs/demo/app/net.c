#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "app.h"

int net_listen(int port) {
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port); // cc: port: warning: conversion from 'int' to 'uint16_t' may change value [-Wconversion]
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
    if (socket_fd < 0) return -1;
    int one = 1;
    setsockopt(socket_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(socket_fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(socket_fd, 16) < 0) {
        close(socket_fd);
        return -1;
    }
    return socket_fd;
}
