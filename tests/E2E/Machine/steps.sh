# Run in the virtual machine: the engine, its network and its containers on Debian's own kernel.
engine() {
  gantryd --data-root /data --exec-root /run/gantry --host unix:///run/gantry/gantry.sock >>/tmp/engine.log 2>&1 &
  engine=$!
  await 'gantry version >/dev/null 2>&1'
}
mkdir -p /etc /data /run/gantry
echo 'root:x:0:0::/root:/bin/sh' >/etc/passwd
export GANTRY_HOST=unix:///run/gantry/gantry.sock

engine
section info
gantry info --format '{{.CgroupVersion}} {{.CgroupDriver}}' 2>/dev/null
section run
tar -C /rootfs -c . | gantry import - box >/dev/null
gantry run --rm box sh -c 'cat /proc/self/cgroup; id -u; exit 7'
echo "exit $?"
section limits
gantry run -d --name limits -m 64m --memory-swap 96m --memory-reservation 32m --cpus 0.5 --cpuset-cpus 1 --cpu-shares 512 \
  --pids-limit 40 --blkio-weight 500 --device-read-bps /dev/ram0:1mb --device-write-iops /dev/ram0:50 --device /dev/ram0:/dev/disk:r box sleep 600 >/dev/null
cgroup=$(find /sys/fs/cgroup -type d -name "*$(gantry inspect -f '{{.Id}}' limits)*" | head -1)
show memory.max memory.swap.max memory.low cpu.max cpu.weight cpuset.cpus pids.max io.weight io.max
section inside
gantry exec limits sh -c 'cat /sys/fs/cgroup/memory.max; nproc; : </dev/disk && echo read; : >/dev/disk'
section oom
gantry run -q --name oom -m 16m --memory-swap 16m box dd if=/dev/zero of=/dev/null bs=64M count=1
echo "exit $?"
gantry inspect -f '{{.State.OOMKilled}}' oom
section published
gantry run -d --name web -p 8080:80 box sh -c 'mkdir /www; echo served >/www/index.html; exec httpd -f -p 80 -h /www' >/dev/null
await 'wget -qO- http://127.0.0.1:8080/ >/dev/null 2>&1'
wget -qO- http://127.0.0.1:8080/
gantry run --rm box wget -qO- "http://$(gantry inspect -f '{{.NetworkSettings.IPAddress}}' web)/"
section crash
kill -9 $engine
engine
gantry ps --format '{{.Names}} {{.State}}' | sort
wget -qO- http://127.0.0.1:8080/
section removed
gantry rm -f web limits oom
kill $engine
wait $engine
section left
find /sys/fs/cgroup -mindepth 1 -type d
ip -o link | grep veth
quota() {
  section "quota $1"
  dd if="/quota.$1" of="$2" bs=1M 2>/dev/null
  mkdir "/$1"
  mount -t "$1" -o prjquota "$2" "/$1"
  gantryd --data-root "/$1" --exec-root /run/gantry --host unix:///run/gantry/gantry.sock >>/tmp/engine.log 2>&1 &
  engine=$!
  await 'gantry version >/dev/null 2>&1'
  tar -C /rootfs -c . | gantry import - box >/dev/null
  gantry run --rm --network none --storage-opt size=4m box df / | awk 'NR == 2 { print $2 }'
  gantry run -q --name full --network none --storage-opt size=4M box sh -c 'dd if=/dev/zero of=/big bs=64k count=200' 2>&1 | sed -n 's/.*: //p'
  gantry run --rm --network none box sh -c 'dd if=/dev/zero of=/big bs=64k count=100 2>/dev/null && echo "no limit for others"'
  gantry rm full
  kill $engine
  wait $engine
}
quota ext4 /dev/ram2
quota xfs /dev/ram3
section log
cat /tmp/engine.log
