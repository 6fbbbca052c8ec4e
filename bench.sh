#!/usr/bin/env bash
# Measures Gantry beside Debian's dockerd, podman and buildah, interleaved in one run; prints medians and ratios.
# usage: sudo ./bench.sh [--rounds N] [BENCHMARK…]; "builds" stands for all that begin with "build-"
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/eng/build.sh"
cd "$root"
[ "$(id -u)" = 0 ] || { say "the benchmarks need root: sudo ./bench.sh"; exit 1; }
need jq=jq skopeo=skopeo mmdebstrap=mmdebstrap busybox=busybox-static npm=npm dockerd=docker.io podman=podman buildah=buildah crun=crun runc=runc docker-registry=docker-registry iptables=iptables curl=curl
. bench/peers.sh
. bench/measures.sh
. bench/crowd.sh
. bench/builds.sh

rounds=15
builds=(build-unchanged build-changed build-cold build-stages build-copy build-npm)
wanted=()
arguments=("$@")
while [ $# -gt 0 ]; do
  case $1 in
    --rounds) rounds=$2; shift 2 ;;
    builds) wanted+=("${builds[@]}"); shift ;;
    *) wanted+=("$1"); shift ;;
  esac
done
[ ${#wanted[@]} -gt 0 ] || wanted=(run-none run-bridge run-port exec burst pull memory runtime cp logs attach crowd health "${builds[@]}")
images=(busybox)
for name in "${wanted[@]}"; do
  case $name in
    pull) images+=(postgres) ;;
    build-npm) images+=(node-20) ;;
  esac
done

# A network and mounts of its own: what the peers leave behind (rules, bridges) goes with it.
if [ -z "${GANTRY_BENCH_INSIDE:-}" ]; then
  publish_programs
  tests/images/build.sh "${images[@]}"
  [[ " ${wanted[*]} " != *" build-npm "* ]] || fetch_packages
  GANTRY_BENCH_INSIDE=1 exec unshare --net --mount --propagation private "$0" "${arguments[@]}"
fi
ip link set lo up

work=$(mktemp -d /tmp/gantry-bench.XXXXXX)
trap stop_peers EXIT
start_peers
for name in "${wanted[@]}"; do
  case $name in
    build-*) prepare_builds ;;
    *) say_engines ;;
  esac
  "bench_${name//-/_}"
done
