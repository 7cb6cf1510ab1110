// Finds out what a call of rustc by cargo compiles: its shown name, its name in cargo's files, its needs.
// Pure; knows how cargo works (its compiler/mod.rs), not which process ran.

export interface Unit {
  /**
   * The shown name: `util`, `base (build script)`, `app (bin)`, `app (bin tool)`, `util (test)`. It is the
   * same in every build.
   */
  readonly name: string;
  /** The name of its files, `util-63250f596973cfb3`, which others need. */
  readonly target: string;
  readonly needs: readonly string[];
  readonly buildScript: boolean;
  /** The folder in which its build script ran. */
  readonly scriptFolder: string | undefined;
}

/** Variables that cargo sets for rustc; '' if it does not. */
export interface UnitEnvironment {
  readonly packageName: string;
  readonly binName: string;
  readonly outDir: string;
}

/** @param argv rustc's arguments, perhaps after wrappers. */
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
    // A build script is compiled without an OUT_DIR, since it has not run yet.
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
    const script = crate.slice('build_script_'.length);
    return script === 'build' ? `${packageName} (build script)` : `${packageName} (build script ${script})`;
  }
  const role = (kind: string, target: string): string =>
    target === packageName || target === snake
      ? `${packageName} (${kind})`
      : `${packageName} (${kind} ${target})`;
  if (argv.includes('--test')) {
    if (binName !== '') return role('bin', binName).replace(/\)$/, ' test)');
    // A file in tests/ with the package's name needs the package's library.
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
