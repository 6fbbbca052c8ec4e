# Sourced by bench.sh: builds. Gantry beside dockerd's classic builder, its BuildKit (where buildx is found) and buildah;
# every round builds with each once.
# shellcheck shell=bash disable=SC2154

# A build by one of them: build ENGINE TAG DIRECTORY [FLAG…]
build() {
  local engine=$1 tag=$2 directory=$3; shift 3
  case $engine in
    gantry) gantry build -q -t "$tag" "$@" "$directory" ;;
    classic) DOCKER_BUILDKIT=0 docker -H "unix://$work/d.sock" build -q -t "$tag" "$@" "$directory" ;;
    buildkit) DOCKER_CONFIG=$work/buildx DOCKER_HOST=unix://$work/d.sock BUILDX_NO_DEFAULT_ATTESTATIONS=1 "$buildx" build -q -t "$tag" "$@" "$directory" ;;
    # Without a network for its steps: it would need a plugin that Debian's does not bring. The others pay for theirs.
    buildah) buildah_cli build --layers --runtime runc -q --network none -t "$tag" "$@" "$directory" ;;
  esac
}
buildah_cli() { buildah --root "$work/buildah" --runroot "$work/buildah-run" --storage-driver overlay "$@"; }

# Once: who takes part, and the base image in buildah's store.
prepare_builds() {
  [ -z "${builders+x}" ] || return 0
  builders=(gantry classic)
  buildx=$(find "${GANTRY_TEST_CACHE:-/var/cache/gantry-tests}"/peers-*/ /usr/libexec/docker /usr/lib/docker -path '*/cli-plugins/docker-buildx' 2>/dev/null | head -1 || true)
  if [ -n "$buildx" ]; then builders+=(buildkit); else say "without BuildKit: there is no buildx (tests/Support/Peers/fetch.sh fetches one)"; fi
  if command -v buildah >/dev/null; then
    builders+=(buildah)
    buildah_cli pull -q --tls-verify=false "127.0.0.1:$registry_port/library/busybox" >/dev/null
    buildah_cli tag "127.0.0.1:$registry_port/library/busybox" busybox
  else
    say "without buildah, which is not installed"
  fi
  printf '%-34s' "median of builds, milliseconds"; printf ' %10s' "${builders[@]}"; printf ' %10s\n' ratio
}

# compare_builds TITLE ROUNDS CHANGE DIRECTORY [FLAG…]: CHANGE is done before each round, the same for all. Each has built once before.
compare_builds() {
  local title=$1 count=$2 change=$3 directory=$4 engine from i; shift 4
  rm -f "$work"/b.*
  $change warm
  for engine in "${builders[@]}"; do
    [ "$engine" = "${left_out:-}" ] || build "$engine" bench-build "$directory" "$@" >"$work/build.log" 2>&1 || { say "$title: $engine fails:"; tail -5 "$work/build.log" >&2; }
  done
  for i in $(seq "$count"); do
    $change "$i"
    for engine in "${builders[@]}"; do
      [ "$engine" != "${left_out:-}" ] || continue
      from=$(now)
      build "$engine" bench-build "$directory" "$@" >/dev/null 2>&1 || continue
      echo $(($(now) - from)) >>"$work/b.$engine"
    done
  done
  printf '%-34s' "$title"
  for engine in "${builders[@]}"; do printf ' %10s' "$(milliseconds "$engine")"; done
  awk -v g="$(milliseconds gantry)" -v d="$(milliseconds "${peer:-classic}")" 'BEGIN {if (d > 0) printf " %10.3f\n", g/d; else printf " %10s\n", "-"}'
}
milliseconds() { if [ -s "$work/b.$1" ]; then median "$work/b.$1" | awk '{printf "%.1f", $1/1000}'; else printf -- -; fi; }
nothing() { :; }

# 10,000 files of half a KiB to two in 100 directories, and twenty steps, the last three of which see them.
many_files() {
  local directory=$work/many
  [ ! -d "$directory" ] || return 0
  mkdir -p "$directory"
  awk -v root="$directory/src" 'BEGIN {
    for (d = 0; d < 100; d++) {
      folder = root "/part" d % 10 "/module" d; system("mkdir -p " folder)
      for (f = 0; f < 100; f++) { file = folder "/file" f ".js"; for (l = 0; l < 10 + (f * 7 + d) % 40; l++) printf "export const value%d = %d;\n", l, d * f + l >file; close(file) }
    }}'
  {
    echo 'FROM busybox'
    echo 'WORKDIR /app'
    for i in $(seq 15); do echo "RUN echo step $i > /step$i"; done
    echo 'COPY . /app/'
    echo 'RUN find /app -type f | wc -l > /count'
    echo 'CMD ["cat", "/count"]'
  } >"$directory/Dockerfile"
}
change_one() { echo "export const changed = '$1';" >"$work/many/src/part3/module3/file3.js"; }

bench_build_unchanged() { many_files; compare_builds "20 steps, 10,000 files, unchanged" "$rounds" nothing "$work/many"; }
bench_build_changed() { many_files; compare_builds "… and one file changed" "$(((rounds + 1) / 2))" change_one "$work/many"; }

bench_build_cold() {
  mkdir -p "$work/cold"
  { echo 'FROM busybox'; for i in $(seq 8); do echo "RUN echo $i > /file$i && cat /file$i"; done; } >"$work/cold/Dockerfile"
  compare_builds "8 RUN steps, nothing cached" "$(((rounds + 2) / 3))" nothing "$work/cold" --no-cache
}

# Stages that wait as those do that fetch something: what counts is that they wait at the same time.
bench_build_stages() {
  mkdir -p "$work/stages"
  {
    for i in 1 2 3 4; do printf 'FROM busybox AS s%s\nRUN sleep 1; head -c 1048576 /dev/urandom > /out%s\n' "$i" "$i"; done
    echo 'FROM busybox'
    for i in 1 2 3 4; do echo "COPY --from=s$i /out$i /"; done
  } >"$work/stages/Dockerfile"
  compare_builds "4 stages that wait a second" 3 nothing "$work/stages" --no-cache
}

bench_build_copy() {
  mkdir -p "$work/large"
  head -c 1073741824 /dev/urandom >"$work/large/file"
  printf 'FROM busybox\nCOPY file /\n' >"$work/large/Dockerfile"
  compare_builds "COPY of 1 GB, which changed" 3 change_large "$work/large"
  local engine
  for engine in "${builders[@]}"; do
    case $engine in
      gantry) gantry rmi -f bench-build; gantry builder prune -af ;;
      classic) dockerd_cli rmi -f bench-build; dockerd_cli image prune -f ;;
      buildkit) dockerd_cli builder prune -af ;;
      buildah) buildah_cli rmi -f bench-build; buildah_cli rmi --prune -f ;;
    esac >/dev/null 2>&1 || true
  done
  rm -rf "$work/large"
}
change_large() { printf '%-16s' "$1" | dd of="$work/large/file" conv=notrunc status=none; }

# npm's packages are fetched once, while there is a network.
fetch_packages() {
  local fetched=${GANTRY_TEST_CACHE:-/var/cache/gantry-tests}/npm-bench making
  [ ! -d "$fetched" ] || return 0
  making=$(mktemp -d "$fetched-XXXXXX")
  echo '{"name":"bench","version":"1.0.0","private":true,"dependencies":{"express":"4.18.2","typescript":"5.0.4","lodash":"4.17.21"}}' >"$making/package.json"
  if (cd "$making" && npm install --cache "$making/cache" --no-audit --no-fund --ignore-scripts >/dev/null 2>&1); then
    rm -rf "$making/node_modules"
    mv -T "$making" "$fetched"
  else
    rm -rf "$making"
  fi
}

# They are laid into each builder's cache mount: nobody needs the network then.
# The classic builder knows no mounts.
bench_build_npm() {
  local fetched=${GANTRY_TEST_CACHE:-/var/cache/gantry-tests}/npm-bench node=127.0.0.1:$registry_port/library/node:20
  [ -d "$fetched/cache" ] || { say "npm ci is left out: npm's registry was not reached"; return 0; }
  cp -r "$fetched" "$work/npm"
  cat >"$work/npm/Dockerfile" <<'END'
ARG NODE
FROM ${NODE}
WORKDIR /app
RUN --mount=type=cache,target=/root/.npm --mount=type=bind,source=cache,target=/fetched [ -d /root/.npm/_cacache ] || cp -r /fetched/. /root/.npm/
COPY package.json package-lock.json round ./
RUN --mount=type=cache,target=/root/.npm npm ci --offline --no-audit --no-fund
END
  gantry pull -q "$node" >/dev/null
  dockerd_cli pull -q "$node" >/dev/null
  [[ " ${builders[*]} " != *" buildah "* ]] || buildah_cli pull -q --tls-verify=false "$node" >/dev/null
  left_out=classic peer=buildkit compare_builds "npm ci, warm cache mount" 3 change_round "$work/npm" --build-arg "NODE=$node"
}
change_round() { echo "$1" >"$work/npm/round"; }
