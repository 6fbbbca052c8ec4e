#!/bin/busybox sh
# The first process of the virtual machine: mounts what a host with cgroup version 2 has, and runs /steps.
# What it prints is the test's input: a line "@@ NAME" begins what is said about NAME.
export PATH=/bin
exec 2>&1
if [ ! -e /moved ]; then
  # The first root is one that pivot_root(2) cannot leave: go on in a tmpfs.
  /bin/busybox mkdir /real && busybox mount -t tmpfs tmpfs /real
  busybox cp -a /[!r]* /rootfs /real/
  busybox mkdir -p /real/proc /real/sys /real/dev /real/tmp /real/run
  busybox touch /real/moved
  exec busybox switch_root /real /init
fi
busybox mount -t proc proc /proc
busybox --install -s /bin
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ip link set lo up
# The kernel loads what it needs by this; disks in memory: one to be throttled, one to swap to, two for file systems.
mkdir -p /sbin && ln -s /bin/busybox /sbin/modprobe
modprobe brd rd_nr=4 rd_size=65536
mkswap /dev/ram1 >/dev/null && swapon /dev/ram1
# What every set of steps may use.
section() { echo "@@ $1"; }
show() { for file in "$@"; do echo "$file=$(cat "$cgroup/$file")"; done; }
await() { for _ in $(seq 200); do eval "$1" && return 0; sleep 0.1; done; echo "never: $1"; }
. /steps
section end
poweroff -f
