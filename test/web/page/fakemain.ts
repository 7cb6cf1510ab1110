// The page over the made-up build, as a script for a browser. What is wanted stands in the address, after
// `?`.

import { Engine } from '../../../src/web/engine.ts';
import { showPage } from '../../../src/web/page/main.tsx';
import { type FakeOptions, FakeWorker } from './fakeworker.ts';

declare global {
  interface Window {
    worker?: FakeWorker;
  }
}

const options = JSON.parse(decodeURIComponent(location.search.slice(1)) || '{}') as FakeOptions;
window.worker = new FakeWorker(options);
const root = document.createElement('div');
document.body.append(root);
showPage(new Engine(window.worker, { source: 'embedded' }), root);
