// The page's engine in this process, over a build as `loglin export --html` writes it.

import { gunzipSync } from 'node:zlib';
import { htmlOf } from '../../src/cli/htmlbuild.ts';
import { EmbeddedSource } from '../../src/web/container.ts';
import { Engine, type Port } from '../../src/web/engine.ts';
import { Host } from '../../src/web/host.ts';
import type { FromWorker } from '../../src/web/protocol.ts';

/** @returns an engine that has the build in it. */
export async function engineOf(store: string, id: string): Promise<Engine> {
  const source = new EmbeddedSource();
  for await (const text of htmlOf(store, id))
    for (const [, piece = ''] of text.matchAll(/<script type="application\/loglin">([^<]*)<\/script>/g))
      source.take(gunzipSync(Buffer.from(piece, 'base64')));
  source.end();
  let listener: ((event: { readonly data: FromWorker }) => void) | undefined;
  const host = new Host(source, {
    post: (data) => {
      setImmediate(() => listener?.({ data }));
    },
    later: (callback) => {
      setImmediate(callback);
    },
    now: () => Date.now(),
  });
  const port: Port = {
    postMessage: (message) => {
      if (!('start' in message) && !('piece' in message)) host.take(message);
    },
    addEventListener: (_, taken) => {
      listener = taken;
    },
  };
  const engine = new Engine(port, { source: 'embedded' });
  await engine.ask('open', {});
  return engine;
}
