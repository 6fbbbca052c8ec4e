# Sourced by bench.sh: what takes long, or many containers; Gantry and dockerd only.
# shellcheck shell=bash disable=SC2154

pair() { awk -v t="$1" -v g="$2" -v d="$3" 'BEGIN {printf "%-34s %10.1f %10.1f %10s %10.3f\n", t, g, d, "", g/d}'; }
medians() { pair "$1" "$(median "$work/$2.gantry" | awk '{print $1/1000}')" "$(median "$work/$2.dockerd_cli" | awk '{print $1/1000}')"; }
timed() { # file, command…: appends what the command took
  local file=$1 from; shift
  from=$(now)
  "$@" >/dev/null
  echo $(($(now) - from)) >>"$file"
}

# 1 GB out of a container and into it, to and from a file on the same disk.
bench_cp() {
  local engine
  rm -f "$work"/{in,out}.*
  for engine in gantry dockerd_cli; do
    $engine run -d --name bench --network none busybox sleep 3600 >/dev/null
    $engine exec bench dd if=/dev/zero of=/big bs=1M count=1024 >/dev/null 2>&1
  done
  for _ in 1 2 3; do
    for engine in gantry dockerd_cli; do
      timed "$work/out.$engine" $engine cp bench:/big "$work/big"
      timed "$work/in.$engine" $engine cp "$work/big" bench:/copy
      rm -f "$work/big"
      $engine exec bench rm /copy
    done
  done
  for engine in gantry dockerd_cli; do $engine rm -f bench >/dev/null; done
  medians "cp of 1 GB out" out
  medians "cp of 1 GB in" in
}

# 100 MiB of short lines: until the container has written them, and until they are read back.
bench_logs() {
  local engine
  rm -f "$work"/{write,read}.*
  for _ in 1 2 3; do
    for engine in gantry dockerd_cli; do
      timed "$work/write.$engine" $engine run --name bench --network none -d --log-driver json-file --log-opt max-size=1g --log-opt max-file=1 busybox sh -c 'yes 0123456789abcdef0123 | head -c 104857600'
      from=$(now)
      $engine wait bench >/dev/null
      sed -i "\$s/.*/$(($(tail -1 "$work/write.$engine") + $(now) - from))/" "$work/write.$engine"
      timed "$work/read.$engine" $engine logs bench
      $engine rm -f bench >/dev/null
    done
  done
  medians "100 MiB of short lines logged" write
  medians "… and read back" read
}

# Many containers at once: started by turns, twenty of each engine at a time.
bench_crowd() {
  local engine i n=0 crowd=${GANTRY_BENCH_CROWD:-200} gantry_pids docker_pids
  rm -f "$work"/{start,ps}.*
  while [ $n -lt "$crowd" ]; do
    for engine in gantry dockerd_cli; do
      for i in $(seq $((n + 1)) $((n + 20))); do timed "$work/start.$engine" $engine run -d --name "crowd-$i" --network none busybox sleep 3600; done
    done
    n=$((n + 20))
  done
  for i in $(seq "$rounds"); do for engine in gantry dockerd_cli; do timed "$work/ps.$engine" $engine ps; done; done
  gantry_pids=$(for i in $(gantry inspect --format '{{.State.Pid}}' $(gantry ps -q)); do awk '/^PPid/ {print $2}' "/proc/$i/status"; done)
  docker_pids=$(for i in $(dockerd_cli inspect --format '{{.State.Pid}}' $(dockerd_cli ps -q)); do awk '/^PPid/ {print $2}' "/proc/$i/status"; done | sort -u)
  rest
  tail -q -n 20 "$work/start.gantry" >"$work/last.gantry"
  tail -q -n 20 "$work/start.dockerd_cli" >"$work/last.dockerd_cli"
  medians "run -d, the last 20 of $n" last
  medians "ps of $n" ps
  pair "memory for each of $n, PSS in MiB" "$(pss "$gantryd_pid" $gantry_pids | awk -v n=$n '{print $1/1024/n}')" \
    "$(pss "$dockerd_pid" $(pgrep -P "$dockerd_pid" containerd) $docker_pids | awk -v n=$n '{print $1/1024/n}')"
  for engine in gantry dockerd_cli; do $engine ps -q | xargs -n 20 | while read -r ids; do $engine rm -f $ids >/dev/null; done; done
}

# 512 MB of output, read by who started the container.
bench_attach() {
  local engine
  rm -f "$work"/attach.*
  for _ in 1 2 3 4 5; do
    for engine in gantry dockerd_cli; do
      timed "$work/attach.$engine" $engine run --rm --network none --log-driver none busybox sh -c 'dd if=/dev/zero bs=64k count=8192 2>/dev/null'
    done
  done
  medians "512 MB of output attached" attach
}

# What a hundred health checks a second cost: of the engine, its monitors or shims, and all that these have started and reaped.
# By turns, because dockerd's alone can keep this machine busy.
bench_health() {
  local checks=${GANTRY_BENCH_CHECKS:-100} seconds=20
  pair "CPU for $checks checks/s, ms/s" "$(health_cost gantry)" "$(health_cost dockerd_cli)"
}
health_cost() {
  local engine=$1 i pids before
  for i in $(seq "$checks"); do $engine run -d --name "health-$i" --network none --health-cmd true --health-interval 1s busybox sleep 3600 >/dev/null; done
  pids=$(for i in $($engine inspect --format '{{.State.Pid}}' $($engine ps -q)); do awk '/^PPid/ {print $2}' "/proc/$i/status"; done | sort -u)
  if [ "$engine" = gantry ]; then pids="$gantryd_pid $pids"; else pids="$dockerd_pid $(pgrep -P "$dockerd_pid" containerd) $pids"; fi
  rest
  before=$(cpu_ticks $pids)
  sleep "$seconds"
  awk -v a="$before" -v b="$(cpu_ticks $pids)" -v hz="$(getconf CLK_TCK)" -v s="$seconds" 'BEGIN {print (b-a)*1000/hz/s}'
  $engine ps -q | xargs -n 20 | while read -r ids; do $engine rm -f $ids >/dev/null; done
}
cpu_ticks() { # pids… → theirs and that of the children they have waited for
  local pid; for pid in "$@"; do sed 's/.*) //' "/proc/$pid/stat"; done | awk '{s+=$12+$13+$14+$15} END {print s+0}'
}
