// What a call of rustc by cargo compiles: how it is shown, how cargo's files name it, what it needs. Pure;
// knows cargo's habits (compiler/mod.rs of cargo), not who ran.

export interface Unit {
  /**
   * As it is shown: `util`, `base (build script)`, `app (bin)`, `app (bin tool)`, `util (test)`. The same in
   * every build.
   */
  readonly name: string;
  /** As cargo names its files, `util-63250f596973cfb3`: what others need. */
  readonly target: string;
  readonly needs: readonly string[];
  readonly buildScript: boolean;
  /** The folder in which its build script ran. */
  readonly scriptFolder: string | undefined;
}

/** What cargo has in the environment of rustc; '' where it has nothing. */
export interface UnitEnvironment {
  readonly packageName: string;
  readonly binName: string;
  readonly outDir: string;
}

/** @param argv rustc's arguments, wrappers before them or not. */
export function unitOf(
  argv: readonly string[],
  { packageName, binName, outDir }: UnitEnvironment,
): Unit | undefined {
  const crate = valuesOf(argv, '--crate-name')[0];
  if (crate === undefined) return undefined;
  const extra = valuesOf(argv, '-C').find((value) => value.startsWith('extra-filename='));
  const externs = valuesOf(argv, '--extern');
  const buildScript = crate.startsWith('build_script_');
  const folder = /^(.*)\/out\/?$/.exec(outDir)?.[1];
  return {
    name: nameOf(argv, crate, externs, packageName === '' ? crate : packageName, binName),
    target: `${crate}${extra?.slice(extra.indexOf('=') + 1) ?? ''}`,
    needs: externs.flatMap((value) => /=.*\/(?:lib)?([^/]+)\.\w+$/.exec(value)?.[1] ?? []),
    buildScript,
    // A build script itself is compiled before it runs, with the OUT_DIR of none.
    scriptFolder: buildScript ? undefined : folder,
  };
}

function nameOf(
  argv: readonly string[],
  crate: string,
  externs: readonly string[],
  packageName: string,
  binName: string,
): string {
  const snake = packageName.replaceAll('-', '_');
  if (crate.startsWith('build_script_')) {
    const own = crate.slice('build_script_'.length);
    return own === 'build' ? `${packageName} (build script)` : `${packageName} (build script ${own})`;
  }
  const role = (kind: string, own: string): string =>
    own === packageName || own === snake ? `${packageName} (${kind})` : `${packageName} (${kind} ${own})`;
  if (argv.includes('--test')) {
    if (binName !== '') return role('bin', binName).replace(/\)$/, ' test)');
    // A file of tests/ that is named like the package needs the package's own library.
    const beside = externs.some((value) => value.startsWith(`${crate}=`));
    return beside ? `${packageName} (test ${crate})` : role('test', crate);
  }
  if (!valuesOf(argv, '--crate-type').includes('bin')) return packageName;
  const example = /\/examples\/?$/.test(valuesOf(argv, '--out-dir')[0] ?? '');
  return role(example ? 'example' : 'bin', binName === '' ? crate : binName);
}

/** The values of an option, `--name value` or `--name=value`. */
function valuesOf(argv: readonly string[], option: string): string[] {
  return argv.flatMap((word, i) => {
    if (word === option) return argv[i + 1] ?? [];
    return word.startsWith(`${option}=`) ? word.slice(option.length + 1) : [];
  });
}
