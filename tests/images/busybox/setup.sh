# Builds the root from the host's static busybox; there is no base to chroot into.
mkdir -p "$ROOT"/{bin,etc,dev,proc,sys,root,home,var/www,usr/bin,usr/sbin,sbin}
install -d -m 1777 "$ROOT/tmp" "$ROOT/var/tmp"
chmod 700 "$ROOT/root"
install -m 755 "$(command -v busybox)" "$ROOT/bin/busybox"
for applet in $("$ROOT/bin/busybox" --list); do
  [ "$applet" = busybox ] || ln -sf busybox "$ROOT/bin/$applet"
done
ln -s /bin/env "$ROOT/usr/bin/env"
cat >"$ROOT/etc/passwd" <<'EOF'
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
operator:x:37:37:Operator:/var:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
EOF
cat >"$ROOT/etc/group" <<'EOF'
root:x:0:
daemon:x:1:
www-data:x:33:
operator:x:37:
users:x:100:nobody
nobody:x:65534:
EOF
