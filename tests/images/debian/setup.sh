# A minimal Debian without documentation, from the package sources of the machine.
sources=()
for f in /etc/apt/sources.list.d/debian.sources; do [ ! -f "$f" ] || sources+=("$f"); done
mmdebstrap --variant=minbase --mode=root --format=directory \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --include=ca-certificates bookworm "$ROOT" "${sources[@]}"
rm -rf "$ROOT"/dev/* "$ROOT"/var/cache/apt/* "$ROOT"/var/lib/apt/lists/* "$ROOT"/var/log/*
: >"$ROOT/etc/resolv.conf"
: >"$ROOT/etc/hostname"
# The machine's certificate bundle, so that packages install behind a proxy that the machine trusts.
cp /etc/ssl/certs/ca-certificates.crt "$ROOT/etc/ssl/certs/ca-certificates.crt"
