# Sourced by bench.sh: what is measured. Every round runs each engine once, so that the machine's load falls on all alike.
# shellcheck shell=bash disable=SC2154

# The heading, once.
say_engines() {
  [ -z "${said_engines:-}" ] || return 0
  said_engines=1
  printf '%-34s %10s %10s %10s %10s\n' "median of $rounds, milliseconds" gantry dockerd podman ratio
}

now() { echo "${EPOCHREALTIME/./}"; } # microseconds

median() { sort -n "$1" | awk '{v[NR]=$1} END {print NR%2 ? v[(NR+1)/2] : (v[NR/2]+v[NR/2+1])/2}'; }

# compare TITLE ROUNDS COMMAND…: @ in the command stands for each engine in turn.
compare() {
  local title=$1 count=$2 engine i from; shift 2
  local engines=(gantry dockerd_cli podman_cli)
  rm -f "$work"/t.*
  for engine in "${engines[@]}"; do "${@//@/$engine}" >/dev/null 2>&1 || { say "$title: $engine fails: ${*//@/$engine}"; "${@//@/$engine}" >&2 || true; }; done
  for i in $(seq "$count"); do
    for engine in "${engines[@]}"; do
      from=$(now)
      "${@//@/$engine}" >/dev/null 2>&1 || true
      echo $(($(now) - from)) >>"$work/t.$engine"
    done
  done
  report "$title" "$(median "$work/t.gantry")" "$(median "$work/t.dockerd_cli")" "$(median "$work/t.podman_cli")"
}

report() { awk -v t="$1" -v g="$2" -v d="$3" -v p="$4" 'BEGIN {printf "%-34s %10.1f %10.1f %10.1f %10.3f\n", t, g/1000, d/1000, p/1000, g/d}'; }

image_of() { [ "$1" = podman_cli ] && echo localhost/busybox || echo busybox; }
run_once() { local engine=$1; shift; $engine run --rm "$@" "$(image_of "$engine")" true; }

bench_run_none() { compare "run --rm, no network" "$rounds" run_once @ --network none; }
bench_run_bridge() { compare "run --rm, default bridge" "$rounds" run_once @; }
bench_run_port() { compare "run --rm, published port" "$rounds" run_once @ -p 127.0.0.1::80; }

bench_exec() {
  local engine
  for engine in gantry dockerd_cli podman_cli; do $engine run -d --name bench --network none "$(image_of $engine)" sleep 3600 >/dev/null; done
  compare "exec true" "$rounds" exec_once @
  for engine in gantry dockerd_cli podman_cli; do $engine rm -f bench >/dev/null 2>&1; done
}
exec_once() { $1 exec bench true; }

# 40 runs, eight at a time; the figure is for one run.
burst_once() {
  local engine=$1 i
  for i in 1 2 3 4 5 6 7 8; do
    (for _ in 1 2 3 4 5; do run_once "$engine" --network none >/dev/null 2>&1; done) &
  done
  wait $(jobs -p | grep -v -e "^$gantryd_pid\$" -e "^$dockerd_pid\$" -e "^$registry_pid\$")
}
bench_burst() {
  local engine from
  rm -f "$work"/t.*
  for _ in 1 2 3; do
    for engine in gantry dockerd_cli podman_cli; do
      from=$(now)
      burst_once $engine
      echo $((($(now) - from) / 40)) >>"$work/t.$engine"
    done
  done
  report "40 runs, 8 at a time (each)" "$(median "$work/t.gantry")" "$(median "$work/t.dockerd_cli")" "$(median "$work/t.podman_cli")"
}

bench_pull() {
  local image=127.0.0.1:$registry_port/library/postgres engine from tls
  rm -f "$work"/t.*
  for _ in 1 2 3; do
    for engine in gantry dockerd_cli podman_cli; do
      tls=(); [ $engine != podman_cli ] || tls=(--tls-verify=false)
      $engine rmi -f "$image" >/dev/null 2>&1 || true
      sync
      from=$(now)
      $engine pull -q "${tls[@]}" "$image" >/dev/null
      echo $(($(now) - from)) >>"$work/t.$engine"
    done
  done
  for engine in gantry dockerd_cli podman_cli; do $engine rmi -f "$image" >/dev/null 2>&1 || true; done
  report "pull postgres (about 390 MB)" "$(median "$work/t.gantry")" "$(median "$work/t.dockerd_cli")" "$(median "$work/t.podman_cli")"
}

pss() { # pids… → KiB, summed
  local pid; for pid in "$@"; do awk '/^Pss:/ {print $2}' "/proc/$pid/smaps_rollup"; done | awk '{s+=$1} END {print s+0}'
}
bench_memory() {
  gantry run -d --name bench --network none busybox sleep 3600 >/dev/null
  dockerd_cli run -d --name bench --network none busybox sleep 3600 >/dev/null
  local init monitor shim
  init=$(gantry inspect --format '{{.State.Pid}}' bench); monitor=$(awk '/^PPid/ {print $2}' "/proc/$init/status")
  init=$(dockerd_cli inspect --format '{{.State.Pid}}' bench); shim=$(awk '/^PPid/ {print $2}' "/proc/$init/status")
  rest
  printf '%-34s %10.1f %10.1f\n' "engine idle, PSS in MiB" "$(pss "$gantryd_pid" | awk '{print $1/1024}')" "$(pss "$dockerd_pid" $(pgrep -P "$dockerd_pid" containerd) | awk '{print $1/1024}')"
  printf '%-34s %10.1f %10.1f\n' "monitor or shim, PSS in MiB" "$(pss "$monitor" | awk '{print $1/1024}')" "$(pss "$shim" | awk '{print $1/1024}')"
  gantry rm -f bench >/dev/null; dockerd_cli rm -f bench >/dev/null
}

# Long enough for either engine to have become idle: ours gives memory back ten to twenty seconds after the last request.
rest() { sleep 25; }

# The runtime alone, with the default seccomp profile: our runtime, crun and runc on one bundle.
# crun refuses a hybrid cgroup layout, so all of them run without the v2 mount.
bench_runtime() {
  local bundle=$work/bundle root
  root=$(ls -d "${GANTRY_TEST_CACHE:-/var/cache/gantry-tests}"/images/busybox-*.root | head -1)
  mkdir -p "$bundle"
  cp -a "$root" "$bundle/rootfs"
  dockerd_cli run -d --name bench --network none busybox sleep 3600 >/dev/null
  jq '.root.path="rootfs" | .process.args=["true"] | del(.hooks) | .linux.cgroupsPath="/gantry-bench" | .mounts |= map(select(.type != "bind"))
      | .linux.namespaces |= map(if .type == "network" then {type:"network"} else . end)' \
    "$(find "$work/docker-run" -name config.json | head -1)" >"$bundle/config.json"
  dockerd_cli rm -f bench >/dev/null
  GANTRY_RUNTIME=$dist/gantry-runtime ROUNDS=$((rounds * 2)) BUNDLE=$bundle WORK=$work unshare --mount --propagation private bash -euc '
    umount /sys/fs/cgroup/unified 2>/dev/null || true
    run() { "$1" --root "$WORK/rt-$(basename "$1")" run --bundle "$BUNDLE" "bench-$(basename "$1")-$2" >/dev/null; }
    for i in $(seq "$ROUNDS"); do
      for r in "$GANTRY_RUNTIME" crun runc; do
        from=${EPOCHREALTIME/./}; run "$r" "$i"; echo $((${EPOCHREALTIME/./} - from)) >>"$WORK/r.$(basename "$r")"
      done
    done'
  local g c r
  g=$(median "$work/r.gantry-runtime"); c=$(median "$work/r.crun"); r=$(median "$work/r.runc")
  awk -v g="$g" -v c="$c" -v r="$r" 'BEGIN {printf "%-34s %10.1f   crun %.1f   runc %.1f   ratio to crun %.3f\n", "runtime run, default seccomp", g/1000, c/1000, r/1000, g/c}'
}
