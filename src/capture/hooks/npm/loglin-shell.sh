#!/bin/sh
# The script shell of npm, pnpm and yarn 1 in a build (npm_config_script_shell), and of wireit. The script
# becomes a job, and is run by the shell that would have run it without loglin. Called like that shell, with -c
# and the script. Needs no Node, and no files but those of the build's temp folder.

# Puts the script-shell of an .npmrc into $ll_sh.
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
    # Expands ${NAME}, as npm does. A value with any other character that is special to a shell stays as it
    # is.
    case $ll_value in
    *[!A-Za-z0-9_./\$\{\}+@,:-]*) ;;
    *'${'*) eval "ll_sh=\"$ll_value\"" ;;
    esac
  done <"$1"
  [ "$ll_sh" ]
}

# Finds the shell that the tool would have used: that of the environment, the project, the user, the machine,
# or its default. A .yarnrc and pnpm-workspace.yaml take precedence over the environment, so this script is
# not called if they name a shell.
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
# This shell may be dash, which drops variables that it cannot name (bash's exported functions). They need no
# restoring for the default shell, which would drop them too.
unset LOGLIN_WAS
# A module in wireit has named its script (wireit/preload.ts).
ll_name=${LOGLIN_SCRIPT-} ll_task=${LOGLIN_TASK-}
if [ "$ll_name" ]; then
  unset LOGLIN_SCRIPT LOGLIN_TASK
  ll_sh=/bin/sh
else
  ll_find_shell
fi
case $ll_sh in
sh | */sh) ;;
*) ll_note ;;
esac
set -- "$ll_sh" "$@"
ll_reaped=${LOGLIN_REAPED-}
unset LOGLIN_REAPED

# Everything but a script in a build that is still being recorded only becomes the shell.
[ "${2-}" = -c ] || ll_exec "$@"
case ${ll_name:-${npm_lifecycle_event:-npx}} in npx) ll_exec "$@" ;; esac
[ "${LOGLIN-}" != 0 ] && [ "${LOGLIN_JOB-}" ] && [ -O "${LOGLIN_BUILD-}" ] && [ -r "$LOGLIN_BUILD/shim.sh" ] || ll_exec "$@"
ll_once='' ll_link=''
. "$LOGLIN_BUILD/shim.sh"
ll_join || ll_exec "$@"

# Else the environment says which runner has started it.
[ "$ll_name" ] || {
  ll_name=${npm_package_name-}
  [ "$ll_name" ] || ll_name=${PWD##*/}
  ll_name="$ll_name $npm_lifecycle_event"
  ll_task=${TURBO_HASH:+turbo $TURBO_HASH}
  [ ! "${NX_TASK_TARGET_PROJECT-}" ] || ll_task="nx $NX_TASK_TARGET_PROJECT:${NX_TASK_TARGET_TARGET-}"
}

ll_become_job "$@"
