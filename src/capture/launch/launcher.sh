# Sourced by bin/loglin, and by shims that become another program. Notes the state that sh and Node change,
# before they do, and restores it when the command is started. before.ts describes the note, LOGLIN_WAS. The C
# launcher, launch.c, does both exactly.

# Looks for the C launcher for this machine in a package's dist/lib. The dynamic loader tells the architecture
# without a process, which uname would cost.
ll_find_launcher() {
  if [ -e /lib64/ld-linux-x86-64.so.2 ] || [ -e /lib/ld-musl-x86_64.so.1 ]; then
    ll_arch=x64
  elif [ -e /lib/ld-linux-aarch64.so.1 ] || [ -e /lib/ld-musl-aarch64.so.1 ]; then
    ll_arch=arm64
  else
    ll_arch=$(uname -m)
    case $ll_arch in x86_64) ll_arch=x64 ;; aarch64) ll_arch=arm64 ;; esac
  fi
  ll_launcher=$1/linux-$ll_arch/loglin-launch
  [ -x "$ll_launcher" ] || ll_launcher=''
}

# Notes the state that this shell was started with. The shell itself opens the file of its environment. So the
# file is never that of another process, even if /proc belongs to another PID namespace.
ll_note() {
  unset LOGLIN_WAS
  [ -r /proc/self/environ ] || return 0
  ll_stdin=''
  [ -e /dev/fd/0 ] || ll_stdin=/0
  if [ "$ll_launcher" ]; then { LOGLIN_WAS=$("$ll_launcher" note 2>/dev/null); } </proc/self/environ; fi
  case ${LOGLIN_WAS-} in 1/*) ;; *) ll_launcher='' && ll_note_by_sh ;; esac
  case $LOGLIN_WAS in */.) LOGLIN_WAS=$LOGLIN_WAS$ll_stdin ;; esac
  export LOGLIN_WAS
}

# Does the same without the launcher, as well as sh can: without blocked signals and duplicate names.
ll_note_by_sh() {
  ll_small='' ll_ignored='' ll_fds='' ll_files=$(ulimit -S -n) ll_space=$(ulimit -v 2>/dev/null)
  case $(ulimit -H -n) in [0-9] | [1-5][0-9] | 6[0-3]) ll_small='ulimit -n' ;; esac
  case $ll_space in '' | *[!0-9]*) ;; *) [ "$ll_space" -lt 1572864 ] && ll_small='ulimit -v' ;; esac
  case $ll_files in *[!0-9]*) ll_files='' ;; esac
  while read -r ll_key ll_value; do
    case $ll_key in SigIgn:) ll_ignored=$ll_value && break ;; esac
  done </proc/self/status
  for ll_fd in /dev/fd/*; do
    case ${ll_fd##*/} in 0 | 1 | 2) continue ;; esac
    # Leaves out the descriptor from which this shell reads its script.
    [ -e "$ll_fd" ] && [ ! "$ll_fd" -ef "$0" ] && ll_fds="$ll_fds${ll_fds:+ }${ll_fd##*/}"
  done
  # Notes the variables that sh sets itself, that sh cannot name, or that Node cannot hold. The last entry, a
  # lone `.`, says that the list is complete.
  {
    ll_hex=$(
      {
        printf '%s\0' -PWD -OLDPWD -SHLVL -_
        { cat && printf '=\0'; } | LC_ALL=C sed -zn '
          s/^=$/./p; t
          /^[^=]*[^A-Za-z0-9_=]/b add
          /^[0-9]/b add
          /^\(PWD\|OLDPWD\|SHLVL\|_\)=/b add
          /[^[:print:][:space:]]/b add
          d
          :add
          s/^/+/p'
      } 2>/dev/null | od -An -v -tx1 2>/dev/null | tr -d ' \n'
    )
  } </proc/self/environ
  LOGLIN_WAS="1sh/$ll_small/$ll_files/$ll_ignored/0/$ll_fds/"
  case $ll_hex in *002e00) [ ${#ll_hex} -lt 120000 ] && LOGLIN_WAS=$LOGLIN_WAS${ll_hex%2e00}/. ;; esac
}

# Runs a command with the noted state; ll_exec becomes the command.
ll_start() {
  if [ "$ll_launcher" ] && [ "${LOGLIN_WAS-}" ]; then
    "$ll_launcher" start "$@"
  else
    (ll_exec "$@")
  fi
}

ll_exec() {
  if [ "$ll_launcher" ] && [ "${LOGLIN_WAS-}" ]; then exec "$ll_launcher" start "$@"; fi
  ll_odd=''
  case ${LOGLIN_WAS-} in
  */. | */./0)
    # Adds the variables that a shell cannot name; it has passed on all others.
    {
      ll_odd=$(LC_ALL=C sed -zn "/^[^=]*[^A-Za-z0-9_=]/b quote; /^[0-9]/b quote; d; :quote; s/'/'\\\\''/g; s/^/'/; s/\$/'/; p" | tr '\000' ' ')
    } </proc/self/environ 2>/dev/null
    ;;
  esac
  unset LOGLIN_WAS
  [ "$ll_odd" ] && eval "set -- env $ll_odd \"\$@\""
  exec "$@"
}
