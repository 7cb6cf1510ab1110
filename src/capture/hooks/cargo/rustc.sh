#!/bin/sh
# cargo runs this script in place of rustc (RUSTC_WRAPPER). A crate becomes a job of the running build. Any
# other call by cargo, and any call by a build script, is passed on at once. Needs no Node; costs a shell or
# three, and tee.
#
# cargo reads rustc's stderr, one line of JSON for each message, and must get exactly that. tee passes it on,
# and leaves a copy in a file of the build's temp folder, where the recorder reads it (records.ts). With a
# file no slow or killed recorder can hold up a compiler.

# Finds the wrapper that cargo would run without loglin: that of the user's environment, else that of cargo's
# configuration.
ll_resolve() {
  ll_cargo=/proc/$PPID/exe ll_home=/proc/$PPID/cwd
  # The parent may also be a build script.
  ll_name=''
  [ -r "/proc/$PPID/comm" ] && read -r ll_name <"/proc/$PPID/comm"
  [ "$ll_name" = cargo ] || ll_cargo=${CARGO:-cargo} ll_home=.
  ll_wrapper='' ll_config=''
  if [ "${LOGLIN_RUSTC_WRAPPER+set}" ]; then
    ll_wrapper=$LOGLIN_RUSTC_WRAPPER ll_base=$(cd -P "$ll_home" && pwd)
  elif [ "${CARGO_BUILD_RUSTC_WRAPPER-}" ] || ll_configured; then
    # Asks cargo itself. RUSTC_BOOTSTRAP allows this command, which is still unstable.
    ll_answer=$(cd -P "$ll_home" && unset RUSTC_WRAPPER && eval "set -- $ll_config" &&
      RUSTC_BOOTSTRAP=1 "$ll_cargo" -Zunstable-options config get --show-origin "$@" build.rustc-wrapper 2>/dev/null)
    case $ll_answer in
    'build.rustc-wrapper = "'*'" # '*)
      ll_wrapper=${ll_answer#*\"} ll_wrapper=${ll_wrapper%\" # *}
      ll_base=${ll_answer##*\" # }
      # A path in a file is relative to the folder that has the .cargo, any other path to cargo's folder.
      case $ll_base in
      /*) ll_base=${ll_base%/*} ll_base=${ll_base%/*} ;;
      *) ll_base=$(cd -P "$ll_home" && pwd) ;;
      esac
      ;;
    esac
  fi
  case $ll_wrapper in
  /*) ;;
  */*) ll_wrapper=$ll_base/$ll_wrapper ;;
  esac
}

# Can cargo's configuration name a wrapper? Also collects cargo's --config options into $ll_config.
ll_configured() {
  ll_config=$(tr '\n\0' ' \n' <"/proc/$PPID/cmdline" 2>/dev/null | sed -n "
    s/'/'\\\\''/g
    /^--config\$/{n; s/'/'\\\\''/g; s/.*/'--config=&'/p; b
    }
    s/^--config=.*/'&'/p
    /^--\$/q" | tr '\n' ' ')
  [ "$ll_config" ] && return
  set -- "${CARGO_HOME:-${HOME-}/.cargo}"/config "${CARGO_HOME:-${HOME-}/.cargo}"/config.toml
  ll_at=$(cd -P "$ll_home" && pwd)
  while :; do
    set -- "$@" "$ll_at/.cargo/config" "$ll_at/.cargo/config.toml"
    [ "$ll_at" ] || break
    ll_at=${ll_at%/*}
  done
  grep -qs -e rustc-wrapper -e '^ *include' -- "$@"
}

# Does a recorder read the build's records?
ll_recorded() {
  if [ -x "$ll_build/loglin-launch" ]; then
    "$ll_build/loglin-launch" join "$ll_build"
  else
    read -r ll_pid <"$ll_build/pid" && kill -0 "$ll_pid" 2>/dev/null
  fi
}

# The user's wrapper must not be this script: programs below a cargo have it in their environment.
case ${LOGLIN_RUSTC_WRAPPER-} in */hooks/cargo/rustc.sh) unset LOGLIN_RUSTC_WRAPPER ;; esac
ll_build=${LOGLIN_BUILD-}
[ -O "$ll_build" ] && [ -p "$ll_build/ctl" ] || ll_build=''
# The wrapper is looked up once for each cargo. An incomplete line is still being written by another call.
ll_wrapper='' ll_mark=''
[ "$ll_build" ] && [ -r "$ll_build/cargo.$PPID" ] && read -r ll_mark ll_wrapper <"$ll_build/cargo.$PPID"
if [ "$ll_mark" != = ]; then
  ll_resolve
  [ "$ll_build" ] && printf '= %s\n' "$ll_wrapper" >"$ll_build/cargo.$PPID" 2>/dev/null
fi
# Restores the environment that the compiler would have without loglin.
if [ "${LOGLIN_RUSTC_WRAPPER+set}" ]; then
  RUSTC_WRAPPER=$LOGLIN_RUSTC_WRAPPER
else
  unset RUSTC_WRAPPER
fi
unset LOGLIN_RUSTC_WRAPPER
case $ll_wrapper in ?*) set -- "$ll_wrapper" "$@" ;; esac

# Only calls by cargo ask for JSON.
case " $* " in
*' --crate-name ___ '*) exec "$@" ;;
*' --crate-name '*' --error-format=json '*) ;;
*) exec "$@" ;;
esac
[ "$ll_build" ] && [ "${LOGLIN_JOB-}" ] && ll_recorded || exec "$@"

# Finds two unused descriptors: cargo's jobserver has some.
ll_out='' ll_fd=''
for ll_n in 9 8 7 6 5 4 3; do
  [ -e "/dev/fd/$ll_n" ] && continue
  [ "$ll_out" ] && ll_fd=$ll_n && break
  ll_out=$ll_n
done
[ "$ll_fd" ] || exec "$@"

ll_id=c$$
while [ -e "$ll_build/m.$ll_id" ]; do ll_id=${ll_id}x; done
ll_copy=$ll_build/m.$ll_id
# If cargo's stderr is not the log, neither is the output that cargo passes on.
ll_redirected=0
# Of two slots, the second one is for stderr.
ll_slot=${LOGLIN_JOB%%/*}
ll_slot=${ll_slot%+}
if [ -e "/proc/$PPID/fd/2" ] && [ ! "/proc/$PPID/fd/2" -ef "$ll_build/s/${ll_slot#*+}" ]; then
  ll_redirected=1
  if [ -p "/proc/$PPID/fd/2" ] || [ -S "/proc/$PPID/fd/2" ]; then ll_redirected=p; fi
fi
{ : >"$ll_copy"; } 2>/dev/null || exec "$@"

# Sends a record over the control FIFO. It is opened for reading too, which does not block if the recorder has
# just ended.
ll_send() {
  [ -p "$ll_build/ctl" ] && printf '\036%s%s\037' "${LOGLIN_BUILD##*-}" "$1" 1<>"$ll_build/ctl"
}
printf '%s\0' "$ll_id" "$LOGLIN_JOB" "$PPID" "$ll_redirected" "$PWD" "${CARGO_PKG_NAME-}" "${CARGO_MANIFEST_DIR-}" \
  "${CARGO_BIN_NAME-}" "${OUT_DIR-}" "${CARGO_TERM_COLOR-}" "${NO_COLOR-}" "${CLICOLOR_FORCE-}" "$@" >"$ll_build/r.$ll_id" 2>/dev/null &&
  ll_send "C@r.$ll_id"

export LOGLIN_JOB="$ll_id/$ll_id"
# The terminal's signals reach the compiler too. This shell must not die of them before the compiler ends.
trap : INT QUIT
eval "exec $ll_out>&1"
# Only rustc's stderr goes through tee; the substitution returns its status. The shell's own message about a
# compiler that died of a signal is dropped. The redirections are in a subshell, since dash would print that
# message with them in place.
eval "ll_status=\$(trap : INT QUIT; { { trap : INT QUIT; (exec \"\$@\" 2>&1 >&$ll_out $ll_fd>&- $ll_out>&-); echo \$? >&$ll_fd; } 2>/dev/null |
  tee \"\$ll_copy\" >&2 2>/dev/null $ll_fd>&- $ll_out>&-; } $ll_fd>&1)"
: "${ll_status:=1}"
ll_send "D:$ll_id	$ll_status" 2>/dev/null

trap - INT QUIT
[ "$ll_status" -gt 128 ] && [ "$ll_status" -lt 160 ] && kill -"$((ll_status - 128))" $$
exit "$ll_status"
