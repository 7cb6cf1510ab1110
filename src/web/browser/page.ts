// The page's script: starts the worker, and shows what it says.

import { startEngine } from './start.ts';

const engine = startEngine();
const root = document.getElementById('page') ?? document.body;

async function show(): Promise<void> {
  const { build } = await engine.ask('open', {});
  document.title = build.command;
  const { document: number } = await engine.ask('document', { kind: 'build' });
  const { list } = await engine.ask('lines', {
    document: number,
    position: { offset: 0 },
    before: 0,
    after: 500,
  });
  const text = list.map(({ spans }) => spans.map(([part]) => part).join('')).join('\n');
  root.append(document.createElement('pre'));
  root.lastElementChild?.append(text);
}

show().catch((error: unknown) => {
  root.append(String(error));
});
