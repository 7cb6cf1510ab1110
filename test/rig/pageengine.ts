// The page's engine in this process, over a build as `loglin export --html` writes it.

import { gunzipSync } from 'node:zlib';
import { htmlOf } from '../../src/cli/htmlbuild.ts';
import { EmbeddedSource } from '../../src/web/container.ts';
import { Engine, type Port } from '../../src/web/engine.ts';
import { Host } from '../../src/web/host.ts';
import type { DocumentAsked, FromWorker, StartOptions } from '../../src/web/protocol.ts';
import type { Source, SourceEvents } from '../../src/web/source.ts';

/** @returns an engine that has the build in it. */
export async function engineOf(store: string, id: string): Promise<Engine> {
  const source = new EmbeddedSource();
  for await (const text of htmlOf(store, id))
    for (const [, piece = ''] of text.matchAll(/<script type="application\/loglin">([^<]*)<\/script>/g))
      source.take(gunzipSync(Buffer.from(piece, 'base64')));
  source.end();
  const { engine } = engineOver(source, { source: 'embedded' });
  await engine.ask('open', {});
  return engine;
}

/** An engine over any source of builds, and what tells it of changes. */
export function engineOver(
  source: Source,
  start: StartOptions,
): { readonly engine: Engine; readonly events: SourceEvents } {
  let listener: ((event: { readonly data: FromWorker }) => void) | undefined;
  const host = new Host(source, {
    post: (data) => {
      setImmediate(() => listener?.({ data }));
    },
    later: (callback) => {
      setImmediate(callback);
    },
    pause: (callback) => {
      setTimeout(callback, 5);
    },
    now: () => Date.now(),
  });
  const port: Port = {
    postMessage: (message) => {
      if ('cancel' in message || 'ask' in message) host.take(message);
    },
    addEventListener: (_, taken) => {
      listener = taken;
    },
  };
  return { engine: new Engine(port, start), events: host.events };
}

/** The text of a document as it is saved, as latin1. */
export async function savedText(engine: Engine, asked: DocumentAsked): Promise<string> {
  const { document } = await engine.ask('document', asked);
  const parts: Uint8Array[] = [];
  for (let from: number | undefined = 0; from !== undefined;) {
    const { bytes, next }: { bytes: Uint8Array; next?: number } = await engine.ask('text', {
      document,
      from,
    });
    parts.push(bytes);
    from = next;
  }
  return Buffer.concat(parts).toString('latin1');
}
