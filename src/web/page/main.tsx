// Draws the page into the document.

import { render } from 'preact';
import type { Engine } from '../engine.ts';
import { App } from './app.tsx';
import { Page } from './page.ts';

/** Shows the build, or the builds, that the worker reads. */
export function showPage(engine: Engine, root: HTMLElement): Page {
  const page = new Page(engine);
  render(<App page={page} />, root);
  void page.start();
  return page;
}
