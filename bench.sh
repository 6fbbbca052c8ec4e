#!/usr/bin/env bash
# Measures Gantry beside Debian's dockerd and podman, interleaved in one run; prints medians and ratios.
# usage: sudo ./bench.sh [--rounds N] [BENCHMARK…]
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/eng/build.sh"
cd "$root"
[ "$(id -u)" = 0 ] || { say "the benchmarks need root: sudo ./bench.sh"; exit 1; }
need jq=jq skopeo=skopeo mmdebstrap=mmdebstrap busybox=busybox-static npm=npm dockerd=docker.io podman=podman crun=crun runc=runc docker-registry=docker-registry iptables=iptables curl=curl
# A network and mounts of its own: what the peers leave behind (rules, bridges) goes with it.
if [ -z "${GANTRY_BENCH_INSIDE:-}" ]; then
  publish_programs
  tests/images/build.sh busybox postgres
  GANTRY_BENCH_INSIDE=1 exec unshare --net --mount --propagation private "$0" "$@"
fi
ip link set lo up
. bench/peers.sh
. bench/measures.sh
. bench/crowd.sh

rounds=15
wanted=()
while [ $# -gt 0 ]; do
  case $1 in
    --rounds) rounds=$2; shift 2 ;;
    *) wanted+=("$1"); shift ;;
  esac
done
[ ${#wanted[@]} -gt 0 ] || wanted=(run-none run-bridge run-port exec burst pull memory runtime cp logs attach crowd health)

work=$(mktemp -d /tmp/gantry-bench.XXXXXX)
trap stop_peers EXIT
start_peers
printf '%-34s %10s %10s %10s %10s\n' "median of $rounds, milliseconds" gantry dockerd podman ratio
for name in "${wanted[@]}"; do
  "bench_${name//-/_}"
done
