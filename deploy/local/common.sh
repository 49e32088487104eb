# Shared by `up` and `down`: where things are, and how to say what went wrong. Sourced, not run.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
default_data=${XDG_DATA_HOME:-$HOME/.local/share}/broadsheet

# fail SENTENCE: the one sentence a user needs, then exit 1.
fail() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  exit 1
}

# running DATA: prints the supervisor's pid if a suite is running on that folder.
running() {
  local pid
  pid=$(cat "$1/run/supervisord.pid" 2>/dev/null) || return 1
  [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$1/run/supervisord.conf" || return 1
  printf '%s\n' "$pid"
}

# stop DATA: asks the supervisor to stop everything and waits for it, at most 40 seconds.
stop() {
  local data=$1 pid
  pid=$(running "$data") || return 1
  kill -TERM "$pid"
  for _ in $(seq 400); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  fail "the suite in $data (supervisor $pid) did not stop within 40 seconds."
}
