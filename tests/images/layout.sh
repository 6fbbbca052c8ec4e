# Functions of build.sh: OCI layouts from a chroot's changes.

# The digest of all that an image is made of, its base included.
image_key() {
  local base
  base=$(jq -r '.base // ""' "$here/$1/image.json")
  { cat "$here/layout.sh"; (cd "$here/$1" && find . -type f | LC_ALL=C sort | xargs sha256sum); [ -z "$base" ] || image_key "$base"; } | sha256sum | cut -c1-24
}

image_dir() { echo "$cache/$1-$(image_key "$1")"; }

# The unpacked layers of an image, newest first, colon separated: overlayfs' lowerdir.
image_lower() {
  local base
  base=$(jq -r '.base // ""' "$here/$1/image.json")
  echo "$(image_dir "$1").root${base:+:$(image_lower "$base")}"
}

ensure_image() {
  local image=$1 base dir
  base=$(jq -r '.base // ""' "$here/$image/image.json")
  [ -z "$base" ] || ensure_image "$base"
  dir=$(image_dir "$image")
  [ ! -f "$dir/index.json" ] || return 0
  echo "building test image $image" >&2
  rm -rf "$cache/$image"-*
  make_root "$image" "$base" "$dir.root" >"$cache/$image.log" 2>&1 || { tail -30 "$cache/$image.log" >&2; echo "build.sh: $image failed: the whole log is $cache/$image.log" >&2; return 1; }
  write_layout "$image" "$base" "$dir"
}

# Runs setup.sh over the base, in a mount namespace of its own so that nothing stays mounted; leaves the layer in $3.
make_root() {
  local image=$1 base=$2 root=$3
  mkdir -p "$root"
  [ ! -d "$here/$image/files" ] || cp -a "$here/$image/files/." "$root/"
  chown -R 0:0 "$root"
  if [ -z "$base" ]; then
    ROOT=$root bash -euo pipefail "$here/$image/setup.sh"
    return
  fi
  local work
  work=$(mktemp -d "$cache/work.XXXXXX")
  for package in $(jq -r '.npm[]?' "$here/$image/image.json"); do
    mkdir -p "$work/npm"
    npm pack --pack-destination "$work/npm" "$package"
  done
  LOWER=$(image_lower "$base") ROOT=$root WORK=$work SETUP="$here/$image/setup.sh" unshare --mount --propagation private bash -euo pipefail -c '
    mkdir "$WORK/w" "$WORK/m"
    mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$ROOT,workdir=$WORK/w" "$WORK/m"
    m=$WORK/m
    mount -t proc proc "$m/proc"; mount --rbind /dev "$m/dev"; mount -t tmpfs tmpfs "$m/tmp"; mount -t tmpfs tmpfs "$m/run"
    cp /etc/resolv.conf "$m/etc/resolv.conf"
    printf "#!/bin/sh\nexit 101\n" >"$m/usr/sbin/policy-rc.d"; chmod 755 "$m/usr/sbin/policy-rc.d"
    cp "$SETUP" "$m/tmp/setup.sh"
    [ ! -d "$WORK/npm" ] || cp -r "$WORK/npm" "$m/tmp/npm"
    DEBIAN_FRONTEND=noninteractive PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root chroot "$m" /bin/sh -eu /tmp/setup.sh
    umount -l "$m/tmp" "$m/run" "$m/dev" "$m/proc"
    rm -rf "$m/usr/sbin/policy-rc.d" "$m"/var/cache/apt/* "$m"/var/lib/apt/lists/* "$m"/var/log/apt "$m"/var/log/dpkg.log "$m/etc/resolv.conf"
    : >"$m/etc/resolv.conf"'
  rm -rf "$work"
}

# What overlayfs says with devices and attributes, a layer says with names. Source: image-spec layer.md, Whiteouts.
overlay_to_whiteouts() {
  find "$1" -type c | while read -r f; do
    [ "$(stat -c %t:%T "$f")" = 0:0 ] || continue
    rm "$f"; : >"$(dirname "$f")/.wh.$(basename "$f")"
  done
}

add_blob() { # file → "digest size", moved into the layout
  local digest size
  digest=$(sha256sum "$1" | cut -d' ' -f1); size=$(stat -c %s "$1")
  mv "$1" "$2/blobs/sha256/$digest"
  echo "sha256:$digest $size"
}

write_layout() {
  local image=$1 base=$2 dir=$3 tmp config manifest
  tmp=$(mktemp -d "$cache/layout.XXXXXX"); mkdir -p "$tmp/blobs/sha256"
  local copy=$tmp/tree
  cp -a --reflink=auto "$dir.root" "$copy"; overlay_to_whiteouts "$copy"
  tar --numeric-owner --sort=name --xattrs --xattrs-include=security.capability -C "$copy" -cf "$tmp/layer.tar" .
  rm -rf "$copy"
  local diff layer_digest layer_size
  diff=sha256:$(sha256sum "$tmp/layer.tar" | cut -d' ' -f1)
  gzip -n "$tmp/layer.tar"
  read -r layer_digest layer_size < <(add_blob "$tmp/layer.tar.gz" "$tmp")
  local base_layers='[]' base_diffs='[]' base_history='[]'
  if [ -n "$base" ]; then
    local from; from=$(image_dir "$base")
    local base_manifest; base_manifest=$from/blobs/sha256/$(jq -r '.manifests[0].digest[7:]' "$from/index.json")
    local base_config; base_config=$from/blobs/sha256/$(jq -r '.config.digest[7:]' "$base_manifest")
    base_layers=$(jq -c .layers "$base_manifest"); base_diffs=$(jq -c .rootfs.diff_ids "$base_config"); base_history=$(jq -c .history "$base_config")
    for d in $(jq -r '.layers[].digest[7:]' "$base_manifest"); do ln "$from/blobs/sha256/$d" "$tmp/blobs/sha256/$d" 2>/dev/null || cp "$from/blobs/sha256/$d" "$tmp/blobs/sha256/$d"; done
  fi
  jq -c --arg diff "$diff" --argjson diffs "$base_diffs" --argjson history "$base_history" \
    '{created:"2026-01-01T00:00:00Z", architecture:"amd64", os:"linux", config:.config, rootfs:{type:"layers", diff_ids:($diffs+[$diff])},
      history:($history+[{created:"2026-01-01T00:00:00Z", created_by:("tests/images/"+.name)}])}' "$here/$image/image.json" >"$tmp/config.json"
  read -r config config_size < <(add_blob "$tmp/config.json" "$tmp")
  jq -nc --arg c "$config" --argjson cs "$config_size" --arg l "$layer_digest" --argjson ls "$layer_size" --argjson layers "$base_layers" \
    '{schemaVersion:2, mediaType:"application/vnd.oci.image.manifest.v1+json", config:{mediaType:"application/vnd.oci.image.config.v1+json", digest:$c, size:$cs},
      layers:($layers+[{mediaType:"application/vnd.oci.image.layer.v1.tar+gzip", digest:$l, size:$ls}])}' >"$tmp/manifest.json"
  read -r manifest manifest_size < <(add_blob "$tmp/manifest.json" "$tmp")
  echo '{"imageLayoutVersion":"1.0.0"}' >"$tmp/oci-layout"
  jq -nc --arg m "$manifest" --argjson ms "$manifest_size" \
    '{schemaVersion:2, mediaType:"application/vnd.oci.image.index.v1+json", manifests:[{mediaType:"application/vnd.oci.image.manifest.v1+json", digest:$m, size:$ms, annotations:{"org.opencontainers.image.ref.name":"latest"}, platform:{architecture:"amd64", os:"linux"}}]}' >"$tmp/index.json"
  chmod 755 "$tmp"; mv "$tmp" "$dir"
}
