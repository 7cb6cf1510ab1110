// Answers a request that asks for another protocol than HTTP/1.1 as if it had not: some clients ask for
// HTTP/2 in each request, and do without. Node lets go of such a connection, so that what it does for others
// is done here: the connection ends after the answer, and when the client goes or stalls.

import http from 'node:http';
import type { Socket } from 'node:net';

/** @param open holds the connections that are answered so. */
export function answerUnchanged(
  server: http.Server,
  request: http.IncomingMessage,
  socket: Socket,
  open: Set<Socket>,
): void {
  open.add(socket);
  socket.once('close', () => open.delete(socket));
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.end());
  socket.setTimeout(server.timeout, () => socket.destroy());
  socket.resume();
  const response = new http.ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => {
    socket.end();
  });
  server.emit('request', request, response);
}
