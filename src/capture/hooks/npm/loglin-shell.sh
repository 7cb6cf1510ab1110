#!/bin/sh
# The script shell of npm, pnpm and yarn 1 in a build (npm_config_script_shell): the script becomes a job, and
# is run by the shell that would have run it without this. Called as that shell is: -c and the script. No
# Node; needs no file of the build but the build's own.

# The script-shell of an .npmrc, into $ll_sh.
ll_look() {
  [ -f "$1" ] && [ -r "$1" ] || return 1
  while IFS= read -r ll_line || [ "$ll_line" ]; do
    ll_line=${ll_line#"${ll_line%%[! 	]*}"}
    case $ll_line in script-shell[=\ \	]*) ;; *) continue ;; esac
    ll_value=${ll_line#script-shell}
    ll_value=${ll_value#"${ll_value%%[! 	]*}"}
    case $ll_value in =*) ll_value=${ll_value#=} ;; *) continue ;; esac
    ll_value=${ll_value#"${ll_value%%[! 	]*}"}
    ll_value=${ll_value%"${ll_value##*[! 	]}"}
    case $ll_value in \"*\" | \'*\') ll_value=${ll_value#?} && ll_value=${ll_value%?} ;; esac
    ll_sh=$ll_value
    # ${NAME} is replaced, as they do it; where there is anything else that a shell would look at, nothing is.
    case $ll_value in
    *[!A-Za-z0-9_./\$\{\}+@,:-]*) ;;
    *'${'*) eval "ll_sh=\"$ll_value\"" ;;
    esac
  done <"$1"
  [ "$ll_sh" ]
}

# What they would have taken: the environment's, the project's, the user's, the machine's, their own. A
# .yarnrc and pnpm-workspace.yaml go before the environment, so where they name a shell, this is not called.
ll_find_shell() {
  ll_sh=${LOGLIN_SCRIPT_SHELL-}
  [ "$ll_sh" ] && return
  case ${npm_config_user_agent-} in
  pnpm/* | yarn/*)
    ll_dir=$PWD
    while :; do
      ll_look "$ll_dir/.npmrc" && return
      [ "$ll_dir" ] || break
      ll_dir=${ll_dir%/*}
    done
    ;;
  *) [ "${npm_config_local_prefix-}" ] && ll_look "$npm_config_local_prefix/.npmrc" && return ;;
  esac
  ll_look "${npm_config_userconfig:-${HOME-}/.npmrc}" && return
  ll_look "${npm_config_globalconfig-}" && return
  ll_look "${npm_config_npm_globalconfig-}" && return
  case ${npm_config_user_agent-} in
  yarn/*) ll_sh=/bin/sh ;;
  *) ll_sh=sh ;;
  esac
}

ll_home=${0%/hooks/*}
. "$ll_home/launch/launcher.sh"
ll_find_launcher "$ll_home/lib"
# This may be a dash, which drops what it cannot name (bash's exported functions); only the default shell
# would, too.
unset LOGLIN_WAS
ll_find_shell
case $ll_sh in
sh | */sh) ;;
*) ll_note ;;
esac
set -- "$ll_sh" "$@"
ll_reaped=${LOGLIN_REAPED-}
unset LOGLIN_REAPED

# A script, in a build that is still recorded.
[ "${2-}" = -c ] || ll_exec "$@"
case ${npm_lifecycle_event:-npx} in npx) ll_exec "$@" ;; esac
[ "${LOGLIN-}" != 0 ] && [ "${LOGLIN_JOB-}" ] && [ -O "${LOGLIN_BUILD-}" ] && [ -r "$LOGLIN_BUILD/shim.sh" ] || ll_exec "$@"
ll_once='' ll_link=''
. "$LOGLIN_BUILD/shim.sh"
ll_join || ll_exec "$@"

ll_name=${npm_package_name-}
[ "$ll_name" ] || ll_name=${PWD##*/}
ll_name="$ll_name $npm_lifecycle_event"

# pnpm reads what several packages print at once, to put each one's name before its lines. Here each has a log
# of its own instead.
ll_slot=$LOGLIN_BUILD/s/${LOGLIN_JOB%%/*}
case ${npm_config_user_agent-} in
pnpm/*)
  # A socket is what Node makes a pipe of.
  if [ -S /dev/fd/1 ] && [ -S /dev/fd/2 ] && [ "/proc/$PPID/fd/1" -ef "$ll_slot" ]; then
    case " $(tr '\000' ' ' <"/proc/$PPID/cmdline") " in
    *' --silent '* | *' -s '* | *' --reporter'* | *' --no-bail '*) ;;
    *) exec >"$ll_slot" 2>&1 ;;
    esac
  fi
  ;;
esac

ll_become_job "$@"
