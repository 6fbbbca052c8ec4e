#!/usr/bin/env bash
# Fetches newer peers than this Debian has (dockerd 26.1, containerd, buildx, compose), once, without installing them;
# prints the directory that holds their usr/. They run with this Debian's libraries and its runc.
# With "newest": the newest clients that Debian has (buildx 0.29, Compose 2.40).
set -euo pipefail
case ${1:-} in
  newest) suite=forky packages=(docker-buildx docker-compose) ;;
  *) suite=trixie packages=(docker.io containerd docker-buildx docker-compose) ;;
esac
cache=${GANTRY_TEST_CACHE:-/var/cache/gantry-tests}
found=$cache/peers-$suite
if [ -d "$found" ]; then echo "$found"; exit; fi
# Wherever this machine gets its packages from.
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -m1 '/debian/*$' || true)
[ -n "$mirror" ] || { echo "apt knows no Debian mirror: the peers are fetched from one" >&2; exit 1; }
mkdir -p "$cache"
work=$(mktemp -d "$cache/peers-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/files"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/sources.list"
# A view of that suite alone: the machine's own lists stay as they are.
apart=(-qq -o APT::Sandbox::User=root -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work" -o APT::Default-Release=)
(cd "$work" && apt-get "${apart[@]}" update && apt-get "${apart[@]}" download "${packages[@]}") >&2
for package in "$work"/*.deb; do dpkg -x "$package" "$work/files"; done
# Another run may have been quicker; its copy is as good.
mv -T "$work/files" "$found" 2>/dev/null || [ -d "$found" ]
echo "$found"
