# Sourced by bench.sh: starts the engines side by side, each with roots of its own, and ends them.
# shellcheck shell=bash disable=SC2154

gantry() { "$dist/gantry" --host "unix://$work/g.sock" "$@"; }
dockerd_cli() { docker -H "unix://$work/d.sock" "$@"; }
podman_cli() {
  CONTAINERS_CONF=$work/containers.conf podman --root "$work/podman" --runroot "$work/podman-run" --runtime runc \
    --cgroup-manager cgroupfs --storage-driver overlay --events-backend file "$@"
}

wait_for() { # what, command…
  local what=$1 i; shift
  for i in $(seq 300); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done
  say "$what did not start: see $work"; return 1
}

start_peers() {
  registry_port=5979
  printf 'version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: %s/registry\nhttp:\n  addr: 127.0.0.1:%s\n' "$work" $registry_port >"$work/registry.yml"
  docker-registry serve "$work/registry.yml" >"$work/registry.log" 2>&1 & registry_pid=$!
  wait_for docker-registry curl -sf "http://127.0.0.1:$registry_port/v2/"
  tests/images/build.sh --push "127.0.0.1:$registry_port" "${images[@]}"

  "$dist/gantryd" --data-root "$work/gantry" --exec-root "$work/gantry-run" --host "unix://$work/g.sock" --pidfile "$work/g.pid" \
    --bip 10.214.1.1/24 >"$work/gantryd.log" 2>&1 & gantryd_pid=$!
  echo '{"bip":"10.214.2.1/24"}' >"$work/daemon.json"
  dockerd --config-file "$work/daemon.json" --data-root "$work/docker" --exec-root "$work/docker-run" -H "unix://$work/d.sock" --pidfile "$work/d.pid" \
    >"$work/dockerd.log" 2>&1 & dockerd_pid=$!
  printf '[containers]\ndefault_ulimits = ["nofile=1024:1024","nproc=4096:4096"]\n' >"$work/containers.conf"
  wait_for gantryd gantry version
  wait_for dockerd dockerd_cli version
  local engine
  for engine in gantry dockerd_cli; do
    $engine pull -q "127.0.0.1:$registry_port/library/busybox" >/dev/null
    $engine tag "127.0.0.1:$registry_port/library/busybox" busybox
  done
  podman_cli pull -q --tls-verify=false "127.0.0.1:$registry_port/library/busybox" >/dev/null
  podman_cli tag "127.0.0.1:$registry_port/library/busybox" localhost/busybox
}

stop_peers() {
  local ids
  ids=$(gantry ps -aq 2>/dev/null) && [ -n "$ids" ] && gantry rm -f $ids >/dev/null
  ids=$(dockerd_cli ps -aq 2>/dev/null) && [ -n "$ids" ] && dockerd_cli rm -f $ids >/dev/null
  podman_cli rm -fa -t 0 >/dev/null 2>&1
  kill "$gantryd_pid" "$dockerd_pid" "$registry_pid" 2>/dev/null
  wait "$gantryd_pid" "$dockerd_pid" "$registry_pid" 2>/dev/null
  awk -v w="$work" '$2 ~ "^"w {print $2}' /proc/mounts | tac | xargs -r umount -l 2>/dev/null
  rm -rf "$work"
  return 0
}
