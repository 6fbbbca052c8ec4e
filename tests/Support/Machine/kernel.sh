#!/usr/bin/env bash
# Fetches Debian's kernel for virtual machines, once, without installing it; prints the directory that holds boot/ and lib/modules/.
set -euo pipefail
cache=${GANTRY_TEST_CACHE:-/var/cache/gantry-tests}
found=$(compgen -G "$cache/linux-image-*-cloud-amd64" | sort -V | tail -1 || true)
if [ -n "$found" ]; then echo "$found"; exit; fi
package=$(apt-cache depends linux-image-cloud-amd64 | sed -nE 's/^ +Depends: (linux-image-[0-9].*)$/\1/p' | head -1)
[ -n "$package" ] || { echo "apt knows no linux-image-cloud-amd64: run apt-get update on a Debian machine" >&2; exit 1; }
mkdir -p "$cache"
work=$(mktemp -d "$cache/kernel-XXXXXX")
trap 'rm -rf "$work"' EXIT
fetch() { apt-get download -qq -o APT::Sandbox::User=root "$package"; }
(cd "$work" && { fetch || { apt-get update -qq && fetch; }; }) >&2
dpkg -x "$work"/*.deb "$work/files"
# Another run may have been quicker; its copy is as good.
mv -T "$work/files" "$cache/$package" 2>/dev/null || [ -d "$cache/$package" ]
echo "$cache/$package"
