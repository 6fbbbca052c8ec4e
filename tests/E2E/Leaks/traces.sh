#!/usr/bin/env bash
# Prints what there is of Gantry in the kernel, a line each: mounts, interfaces, tables, control groups, processes.
grep gantry /proc/self/mountinfo | awk '{print "mount " $5}'
ls /sys/class/net | grep -E '^(gantry|gt)' | sed 's/^/interface /'
nft list tables 2>/dev/null | grep gantry
find /sys/fs/cgroup -maxdepth 3 -type d -name 'gantry*' | sed 's/^/cgroup /'
for folder in /proc/[0-9]*; do
  program=$(tr '\0' ' ' <"$folder/cmdline" 2>/dev/null)
  case ${program%% *} in *gantryd | *gantry-runtime) echo "process ${folder#/proc/} $program" ;; esac
done
exit 0
