# A loglin inside a build: the command becomes a job of the running build, at its place. Sourced by bin/loglin
# and by the shims of other hooks, with the options in $ll_name (may be empty), $ll_once, $ll_link. Shims may
# also set $ll_task, and $ll_reaped: then the process that started this one has the capture library, which reports how it
# ends. So the shim becomes the command, and signals reach it as they would without loglin. Needs no Node.
#
# Records: src/capture/wire.ts and framing.ts. Fields go through a spool file, so a name or an argument may
# hold any byte.

. "$LOGLIN_BUILD/launcher.sh"
ll_launcher=$LOGLIN_BUILD/loglin-launch
[ -x "$ll_launcher" ] || ll_launcher=''
ll_nonce=${LOGLIN_BUILD##*-}
ll_slots=$LOGLIN_BUILD/s
ll_id=n$$

# Makes the job's FIFOs. Fails if nobody is recording. Sets $ll_id to '' if the FIFOs cannot be made.
ll_join() {
  while :; do
    if [ "$ll_link" ]; then set --; else set -- "$ll_slots/$ll_id" "$LOGLIN_BUILD/$ll_id.reply"; fi
    if [ "$ll_launcher" ]; then
      "$ll_launcher" join "$LOGLIN_BUILD" "$@"
    else
      ll_join_by_sh "$@"
    fi
    case $? in
    0) return ;;
    # A process of another PID namespace has the same number.
    3) ll_id=${ll_id}x ;;
    2) ll_id='' && return ;;
    *) return 1 ;;
    esac
  done
}

ll_join_by_sh() {
  read -r ll_pid <"$LOGLIN_BUILD/pid" && kill -0 "$ll_pid" 2>/dev/null || return 1
  [ $# = 0 ] || mkfifo -m 600 "$@" 2>/dev/null && return
  [ -e "$1" ] && return 3
  return 2
}

# ll_send kind field…: sends a record in the parent's stream, at its current place, or else over the control
# FIFO. Fails if there is no room for the fields.
ll_send() {
  ll_kind=$1
  shift
  trap '' XFSZ
  { printf '%s\0' "$@" >"$LOGLIN_BUILD/r.$ll_id$ll_kind"; } 2>/dev/null
  ll_sent=$?
  trap - XFSZ
  [ "$ll_sent" = 0 ] || return 1
  case $ll_out$ll_err in
  1?) ll_record "$ll_kind@r.$ll_id$ll_kind" ;;
  01) ll_record "$ll_kind@r.$ll_id$ll_kind" >&2 ;;
  *) ll_record "$ll_kind@r.$ll_id$ll_kind" >"$LOGLIN_BUILD/ctl" ;;
  esac
}

ll_record() {
  printf '\036%s%s\037' "$ll_nonce" "$1"
}

# Ends as the command ended, by the same signal if it died of one.
ll_end() {
  trap - INT QUIT
  [ "$1" -gt 128 ] && [ "$1" -lt 160 ] && kill -"$(($1 - 128))" $$
  exit "$1"
}

# The first record in the slot says whose it is, the last one how the command ended.
ll_run() {
  ll_record "S:$ll_id	0	-" >"$ll_slots/$ll_id"
  ll_start "$@"
  ll_status=$?
  ll_record "Q:$ll_id	$ll_status" >"$ll_slots/$ll_id"
}

# Has what goes into pipes and sockets that are no slots passed on to them by the recorder, through a relay.
ll_relay() {
  [ "$ll_launcher" ] && [ -e "$LOGLIN_BUILD/h.pipes" ] && [ "$ll_out$ll_err$ll_two" != 11 ] || return 0
  "$ll_launcher" relay "$LOGLIN_BUILD" "$ll_id" "$ll_out$ll_err$ll_two"
  ll_code=$? ll_two=''
  [ "$ll_code" -gt 0 ] && [ "$ll_code" -lt 16 ] || return 0
  [ $((ll_code & 1)) = 0 ] || ll_out=p
  [ $((ll_code & 2)) = 0 ] || ll_err=p
  ll_names=$ll_id+
  [ $((ll_code & 8)) = 0 ] || ll_two=2 ll_names=$ll_id+${ll_id}e
}

# The command runs as if it were not recorded. A relay ends when its FIFO is gone.
ll_plain() {
  case $ll_out$ll_err in *p*) rm -f "$LOGLIN_BUILD/$ll_id".[12] "$LOGLIN_BUILD/$ll_id.streams" ;; esac
  ll_exec "$@"
}

# To be called after ll_join and ll_note. Does not return.
ll_become_job() {
  # Descriptors that are the parent's slot are redirected. Others are left alone, unless they are relayed.
  ll_out=0 ll_err=0 ll_two=''
  ll_around=${LOGLIN_JOB%%/*}
  [ /dev/fd/1 -ef "$ll_slots/${ll_around%%+*}" ] && ll_out=1
  [ /dev/fd/2 -ef "$ll_slots/${ll_around%%+*}" ] && ll_err=1
  case $ll_around in
  *+?*) [ /dev/fd/2 -ef "$ll_slots/${ll_around#*+}" ] && ll_err=1 ll_two=2 ;;
  esac
  [ "$ll_out" = 1 ] || ll_two=''
  ll_names=$ll_id
  case $ll_around in *+*) ll_names=$ll_id+ ;; esac
  [ "$ll_link" ] || [ ! "$ll_id" ] || ll_relay
  ll_to=-
  if [ "$ll_out" = 0 ] && { [ -p /dev/fd/1 ] || [ -S /dev/fd/1 ]; }; then ll_to=p; fi
  if [ "$ll_link" ]; then
    ll_send K "$LOGLIN_JOB" "$ll_name"
    exit 0
  fi
  [ "$ll_id" ] || ll_exec "$@"
  ll_umask=$(umask)
  umask 077
  ll_send N "$ll_id" "$LOGLIN_JOB" "$ll_name" "$ll_out$ll_err$ll_to$ll_two" "$ll_once" "${ll_task-}" "$PWD" $$ "${ll_reaped:+$PPID}" "$@"
  ll_sent=$?
  umask "$ll_umask"
  [ "$ll_sent" = 0 ] || ll_plain "$@"
  # Waits until the recorder has opened the slot, or, with --once, until NAME has ended in another loglin.
  read -r ll_answer ll_status <"$LOGLIN_BUILD/$ll_id.reply"
  case $ll_answer in
  run) ;;
  ended) ll_end "$ll_status" ;;
  cycle)
    printf 'loglin: --once %s: a cycle: %s waits for itself\n' "$ll_name" "$ll_status" >&2
    exit 125
    ;;
  *) ll_plain "$@" ;;
  esac

  export LOGLIN_JOB="$ll_names/$ll_id"
  ll_slot=$ll_slots/$ll_id
  if [ "${ll_reaped-}" ]; then
    printf %s "$ll_id" >"$LOGLIN_BUILD/p.$$"
    case $ll_out$ll_err in *[1p]*) ll_record "S:$ll_id	0	-" >"$ll_slot" ;; esac
    case $ll_out$ll_err$ll_two in
    ??2) ll_exec "$@" >"$ll_slot" 2>"${ll_slot}e" ;;
    [1p][1p]) ll_exec "$@" >"$ll_slot" 2>&1 ;;
    [1p]0) ll_exec "$@" >"$ll_slot" ;;
    0[1p]) ll_exec "$@" 2>"$ll_slot" ;;
    *) ll_exec "$@" ;;
    esac
  fi
  # The terminal's signals reach the command too. This shell must not die of them before the command ends.
  trap : INT QUIT
  case $ll_out$ll_err$ll_two in
  ??2) ll_run "$@" >"$ll_slot" 2>"${ll_slot}e" ;;
  [1p][1p]) ll_run "$@" >"$ll_slot" 2>&1 ;;
  [1p]0) ll_run "$@" >"$ll_slot" ;;
  0[1p]) ll_run "$@" 2>"$ll_slot" ;;
  *)
    ll_start "$@"
    ll_status=$?
    ll_record "Q:$ll_id	$ll_status" >"$LOGLIN_BUILD/ctl"
    ;;
  esac
  ll_end "$ll_status"
}
