// The page's script: starts the worker, and draws the page.

import '../page/page.css';
import { showPage } from '../page/main.tsx';
import { startEngine } from './start.ts';

showPage(startEngine(), document.getElementById('page') ?? document.body);
