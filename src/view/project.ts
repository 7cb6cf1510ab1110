// The project of a place, for whoever reads problems: which of its files exist.

import fs from 'node:fs';
import path from 'node:path';
import type { Project } from '../documents/problemreader.ts';
import type { Place } from '../store/place.ts';

export function projectAt({ root }: Pick<Place, 'root'>): Project {
  return { root, exists: (file) => fs.existsSync(path.resolve(root, file)) };
}
