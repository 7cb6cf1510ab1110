// Where a build was made, for its row: the branch, and the run of the CI system that this process is a part
// of.

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that hold the branch, of the CI systems. A pull request's own branch comes before its merge. */
const BRANCHES = [
  'GITHUB_HEAD_REF',
  'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME',
  'CI_COMMIT_BRANCH',
  'BUILDKITE_BRANCH',
  'CIRCLE_BRANCH',
  'SYSTEM_PULLREQUEST_SOURCEBRANCH',
  'BUILD_SOURCEBRANCH',
  'CHANGE_BRANCH',
  'BRANCH_NAME',
  'DRONE_BRANCH',
  'CI_BRANCH',
];

/** Returns the branch that the CI system says it builds. */
export function ciBranch(env: Environment): string | undefined {
  const named = BRANCHES.map((name) => env[name]).find((value) => value !== undefined && value !== '');
  const branch = named ?? (env.GITHUB_REF_TYPE === 'branch' ? env.GITHUB_REF_NAME : undefined);
  return branch?.replace(/^refs\/heads\//, '');
}

/** Variables that hold the address of a run. */
const URLS = ['CI_JOB_URL', 'BUILDKITE_BUILD_URL', 'CIRCLE_BUILD_URL', 'BUILD_URL', 'DRONE_BUILD_LINK'];

/** Returns the address of the CI system's run. */
export function ciUrl(env: Environment): string | undefined {
  const url = URLS.map((name) => env[name]).find((value) => value !== undefined && /^https?:/.test(value));
  if (url !== undefined) return url;
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  if (server && repository && run) return `${server}/${repository}/actions/runs/${run}`;
  const { SYSTEM_COLLECTIONURI: azure, SYSTEM_TEAMPROJECT: team, BUILD_BUILDID: build } = env;
  if (azure && team && build) return `${azure}${team}/_build/results?buildId=${build}`;
  return undefined;
}
