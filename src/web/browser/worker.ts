// The worker's script.

import type { Piece, StartOptions, ToWorker } from '../protocol.ts';
import { EmbeddedSource } from '../container.ts';
import { Host } from '../host.ts';
import type { SourceEvents } from '../source.ts';
import { HttpSource } from './httpsource.ts';

/** What a worker's global object has, of which the DOM's types know nothing. */
const scope = self as unknown as {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  onmessage: (event: { readonly data: ToWorker | Piece }) => void;
};

let host: Host | undefined;
let embedded: EmbeddedSource | undefined;
let http: HttpSource | undefined;
/** The pieces are unpacked one after the other. */
let unpacked = Promise.resolve();

/** Calls back after the messages that are waiting: a timer would be held up to four milliseconds. */
const channel = new MessageChannel();
const callbacks: (() => void)[] = [];
channel.port1.onmessage = () => callbacks.shift()?.();

function start(options: StartOptions): void {
  const events: SourceEvents = {
    grown: () => host?.events.grown(),
    gone: (message) => host?.events.gone(message),
    connection: (online) => host?.events.connection(online),
    builds: () => host?.events.builds(),
  };
  if (options.source === 'embedded') embedded = new EmbeddedSource();
  else http = new HttpSource(options.base, events);
  host = new Host((embedded ?? http)!, {
    post: (message, transfer) => {
      scope.postMessage(message, transfer);
    },
    later: (callback) => {
      callbacks.push(callback);
      channel.port2.postMessage(null);
    },
    pause: (callback) => {
      setTimeout(callback, 1000);
    },
    now: () => Date.now(),
  });
}

async function unpack(piece: string, into: EmbeddedSource): Promise<void> {
  const packed = Uint8Array.from(atob(piece), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  into.take(new Uint8Array(await new Response(stream).arrayBuffer()));
}

function give({ piece, last }: Piece): void {
  const into = embedded;
  if (!into) return;
  unpacked = unpacked
    .then(() => unpack(piece, into))
    .then(
      () => {
        if (last) into.end();
      },
      () => {
        into.fail();
      },
    );
}

scope.onmessage = ({ data }) => {
  if ('start' in data) start(data.start);
  else if ('piece' in data) give(data);
  else if ('seen' in data) http?.setSeen(data.seen);
  else host?.take(data);
};
