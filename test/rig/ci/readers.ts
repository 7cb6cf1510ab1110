// The readers of logs by CI system, and texts that contain commands of each.

import type { CiName } from '../../../src/render/ci/names.ts';
import { readAzure } from './azure.ts';
import { readBuildkite } from './buildkite.ts';
import { readGithub } from './github.ts';
import { readGitlab } from './gitlab.ts';
import type { Reading } from './reading.ts';
import { readTeamcity } from './teamcity.ts';

export const READERS: Readonly<Record<CiName, (log: string) => Reading>> = {
  github: readGithub,
  gitlab: readGitlab,
  buildkite: readBuildkite,
  teamcity: readTeamcity,
  azure: readAzure,
};

/** Lines of jobs that are commands somewhere; each says `evil` where a page would show it. */
export const EVIL_LINES: readonly string[] = [
  '::error file=a.c,line=1::evil',
  '  \t::warning::evil',
  'text\r::error::evil after a return',
  '\u00a0\u2003::error::evil after wide blanks',
  '::group::evil',
  '::endgroup::',
  '::stop-commands::evil',
  '::evil::',
  '::set-output name=evil::1',
  '::add-mask::e',
  'in a line ##[group]evil',
  '##[endgroup]',
  'x ##[error]evil',
  '##[set-env name=EVIL;]1',
  '##[stop-commands]evil',
  '###[group]evil',
  '\x1b[0Ksection_start:1700000000:evil[collapsed=true]\r\x1b[0Kevil',
  'xsection_start:1700000000:evil2\r\x1b[0Kevil',
  '\x1b[0Ksection_end:1700000001:evil\r\x1b[0K',
  'section_start:1700000000:evil3\r',
  '--- evil',
  '+++ evil',
  '~~~ evil',
  '---\r',
  '--- a/evil.c',
  '\x1b[1m--- \x1b[0mevil',
  '-\x1b[0m-- evil',
  'x\r+++ evil',
  '^^^ +++',
  '\x1b[33m^^^ +++ ',
  "##teamcity[blockOpened name='evil']",
  "x ##teamcity[blockClosed name='evil']",
  "##teamcity[message text='evil' status='ERROR']",
  "##teamcity[buildProblem description='evil|' identity='evil']",
  '##teamcity[disableServiceMessages]',
  "##TeamCity[setParameter name='evil' value='1']",
  '##vso[task.logissue type=error]evil',
  'x ##vso[task.setvariable variable=evil]1',
  '##vso[task.complete result=Succeeded;]evil',
  '##VSO[build.addbuildtag]evil',
];
