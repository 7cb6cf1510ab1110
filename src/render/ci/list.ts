// All CI systems by their names.

import { azure } from './azure.ts';
import { buildkite } from './buildkite.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import type { CiName } from './names.ts';
import type { CiSystem } from './system.ts';
import { teamcity } from './teamcity.ts';

export const CI_SYSTEMS: Readonly<Record<CiName, CiSystem>> = { github, gitlab, buildkite, teamcity, azure };
