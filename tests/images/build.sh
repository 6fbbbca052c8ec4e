#!/usr/bin/env bash
# Builds the test images from Debian and npm packages. See README.md.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${GANTRY_TEST_CACHE:-/var/cache/gantry-tests}/images
push=""
wanted=()
while [ $# -gt 0 ]; do
  case $1 in
    --push) push=$2; shift 2 ;;
    -*) echo "build.sh: unknown option $1; usage: build.sh [--push HOST:PORT] [IMAGE…]" >&2; exit 2 ;;
    *) wanted+=("$1"); shift ;;
  esac
done
[ "$(id -u)" = 0 ] || { echo "build.sh: must be root, for chroot and overlay mounts: use sudo" >&2; exit 1; }
for tool in jq mmdebstrap skopeo busybox npm; do
  command -v "$tool" >/dev/null || { echo "build.sh: $tool is missing: apt-get install jq mmdebstrap skopeo busybox-static npm" >&2; exit 1; }
done
. "$here/layout.sh"

if [ ${#wanted[@]} = 0 ]; then
  for f in "$here"/*/image.json; do wanted+=("$(basename "$(dirname "$f")")"); done
fi

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
for image in "${wanted[@]}"; do
  [ -f "$here/$image/image.json" ] || { echo "build.sh: no image \"$image\": there are $(ls -d "$here"/*/ | xargs -n1 basename | tr '\n' ' ')" >&2; exit 2; }
  ensure_image "$image"
  if [ -n "$push" ]; then
    name=$(jq -r .name "$here/$image/image.json")
    skopeo copy --quiet --dest-tls-verify=false "oci:$(image_dir "$image"):latest" "docker://$push/library/$name"
  fi
done
