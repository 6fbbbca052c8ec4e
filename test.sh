#!/usr/bin/env bash
# Builds and runs every test; --unit only those that need no root. The last line is "N passed, N failed".
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/eng/build.sh"
cd "$root"

unit_only=""
case ${1:-} in
  "") ;;
  --unit) unit_only=1 ;;
  *) say "usage: ./test.sh [--unit]"; exit 2 ;;
esac

passed=0 failed=0 skipped=0
# Runs one test program and adds up what its summary says; a program that dies counts as a failure.
run_tests() {
  local name=$1 log=$root/artifacts/test-$1.log total=0 errors=0 fails=0 skips=0 status=0
  shift
  say "== $name"
  "$root/artifacts/build/$name/debug/Gantry.Tests.$name" -noColor -noLogo -parallelMode none "$@" 2>&1 | tee "$log" | grep -v -E '^ *(Discovering|Discovered|Starting|Finished):' || true
  status=${PIPESTATUS[0]}
  if read -r total errors fails skips < <(sed -nE 's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+).*/\1 \2 \3 \4/p' "$log" | tail -1); then
    passed=$((passed + total - errors - fails - skips))
    failed=$((failed + errors + fails))
    skipped=$((skipped + skips))
    [ "$status" = 0 ] || [ $((errors + fails)) -gt 0 ] || failed=$((failed + 1))
  else
    say "$name ended without a summary"
    failed=$((failed + 1))
  fi
}

finish() {
  [ "$skipped" = 0 ] || say "$skipped skipped"
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}

need_sdk
if [ -n "$unit_only" ]; then
  dotnet build tests/Unit -v quiet --nologo
  run_tests Unit
  finish
  exit
fi

[ "$(id -u)" = 0 ] || { say "the whole suite needs root, for namespaces, mounts and bridges: sudo ./test.sh (or ./test.sh --unit)"; exit 1; }
need ip=iproute2 nft=nftables jq=jq busybox=busybox-static mmdebstrap=mmdebstrap skopeo=skopeo docker-registry=docker-registry \
  npm=npm podman=podman crun=crun runc=runc docker=docker.io containerd=containerd '/usr/include/seccomp.h=libseccomp-dev' script=bsdutils objdump=binutils qemu-system-x86_64=qemu-system-x86 \
  dockerd=docker.io iptables=iptables /usr/lib/python3/dist-packages/docker=python3-docker docker-compose=docker-compose mkfs.xfs=xfsprogs
publish_programs
dotnet build Gantry.slnx -v quiet --nologo
tests/images/build.sh
tests/Support/Machine/kernel.sh >/dev/null
tests/Support/Peers/fetch.sh >/dev/null
export GANTRY_TRACES_BEFORE=$root/artifacts/traces-before.txt
tests/E2E/Leaks/traces.sh >"$GANTRY_TRACES_BEFORE"
export GANTRY_OPERATIONS=$root/artifacts/operations
rm -rf "$GANTRY_OPERATIONS" && mkdir -p "$GANTRY_OPERATIONS"
run_tests Unit
run_tests System
run_tests E2E -trait- "order=last"
run_tests E2E -trait "order=last"
finish
