# Run in the virtual machine. Values are asked from the kernel, never from the runtime that set them.
create() { gantry-runtime create --bundle "/bundles/$1" "$1" </dev/null >"/tmp/$1.log" 2>&1 || cat "/tmp/$1.log"; }
start() { create "$1" && gantry-runtime start "$1"; }
cgroup=/sys/fs/cgroup/test/limits

section controllers
cat /sys/fs/cgroup/cgroup.controllers
section limits
start limits
show memory.max memory.swap.max memory.low memory.high cpu.weight cpu.max cpu.max.burst cpuset.cpus cpuset.mems pids.max io.max io.weight hugetlb.2MB.max
section inside
gantry-runtime exec limits sh -c 'cat /proc/self/cgroup; cat /sys/fs/cgroup/memory.max; nproc; mkdir /sys/fs/cgroup/x'
section exec
gantry-runtime exec -d --pid-file /tmp/pid limits sleep 601
grep -cx "$(cat /tmp/pid)" $cgroup/cgroup.procs
section devices
gantry-runtime exec limits sh -c 'mknod /tmp/kmsg c 1 11 && echo made; : </tmp/kmsg'
gantry-runtime exec limits sh -c 'mknod /tmp/ram b 1 0; : </tmp/ram && echo read; : >/dev/null && echo null; : >/tmp/ram'
section update
gantry-runtime update --memory 128m --memory-swap 160m --pids-limit 50 --cpu-share 1024 --cpu-quota 20000 --cpuset-cpus 0 limits
show memory.max memory.swap.max cpu.weight cpu.max cpuset.cpus pids.max
section devices-updated
echo '{"devices": [{"allow": false, "access": "rwm"}]}' | gantry-runtime update -r - limits
gantry-runtime exec limits sh -c ': >/dev/null && echo null; : </tmp/ram'
section stats
gantry-runtime events --stats limits
section pause
gantry-runtime pause limits
grep frozen $cgroup/cgroup.events
gantry-runtime state limits | grep status
section resume
gantry-runtime resume limits
grep frozen $cgroup/cgroup.events
gantry-runtime state limits | grep status
section kill
gantry-runtime kill --all limits KILL
await 'gantry-runtime state limits | grep -q stopped'
cat $cgroup/cgroup.procs
section delete
gantry-runtime delete limits
ls -d $cgroup
section paused-delete
start limits
gantry-runtime pause limits
gantry-runtime delete --force limits
ls -d $cgroup
section idle
start idle
cat /sys/fs/cgroup/test/idle/cpu.idle /sys/fs/cgroup/test/idle/memory.swap.max
gantry-runtime delete --force idle
section deep
start deep
cat /sys/fs/cgroup/a/b/c/pids.max
gantry-runtime delete --force deep
section forks
gantry-runtime run --bundle /bundles/forks forks

create oom
gantry-runtime events --interval 100ms oom >/tmp/oom.events &
await 'grep -q stats /tmp/oom.events'
section oom
gantry-runtime start oom
wait
grep -o '"type":"oom"' /tmp/oom.events
grep 'oom_kill ' /sys/fs/cgroup/test/oom/memory.events
gantry-runtime delete oom
gantry-runtime run --bundle /bundles/oom oom >/dev/null
echo "exit $?"

section refused-raw
create raw
section refused-swappiness
create swappiness
section refused-swap
create swap
section left
find /sys/fs/cgroup/test -mindepth 1 -type d
