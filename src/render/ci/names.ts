// The CI systems whose logs loglin writes, and how each is known. Small: every start looks.

export const CI_NAMES = ['github', 'gitlab', 'buildkite', 'teamcity', 'azure'] as const;

export type CiName = (typeof CI_NAMES)[number];

/** The variables that the systems set for what they run, with their values; undefined: any. */
const SIGNS: readonly (readonly [CiName, string, string | undefined])[] = [
  ['github', 'GITHUB_ACTIONS', 'true'],
  ['gitlab', 'GITLAB_CI', undefined],
  ['buildkite', 'BUILDKITE', 'true'],
  ['teamcity', 'TEAMCITY_VERSION', undefined],
  ['azure', 'TF_BUILD', undefined],
];

/** The system that has set its variable in this environment; undefined: none. */
export function detectCi(env: Readonly<Record<string, string | undefined>>): CiName | undefined {
  return SIGNS.find(([, variable, value]) => {
    const found = env[variable] ?? '';
    return value === undefined ? found !== '' : found === value;
  })?.[0];
}
