// Draws the page into the document.

import { render } from 'preact';
import type { Engine } from '../engine.ts';
import { App } from './app.tsx';
import { Page } from './page.ts';

/** Shows the build, or the builds, that the worker reads. */
export function showPage(engine: Engine, root: HTMLElement): Page {
  const page = new Page(engine);
  followWhileSeen(engine);
  render(<App page={page} />, root);
  void page.start();
  return page;
}

/** A tab behind others is not followed after so long, in milliseconds. */
const AWAY_MS = 5000;

function followWhileSeen(engine: Engine): void {
  let timer = 0;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer);
    if (document.hidden) timer = window.setTimeout(() => engine.setSeen(false), AWAY_MS);
    else engine.setSeen(true);
  });
  if (document.hidden) engine.setSeen(false);
}
