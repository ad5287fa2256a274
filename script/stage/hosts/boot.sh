# SPDX-License-Identifier: AGPL-3.0-or-later
# The first process of a host: makes its root of the base and of what the host wrote, then
# becomes its systemd. Runs in namespaces of its own; what it mounts ends with them.
# Usage: sh boot.sh CGROUP BASE FOLDER POWERS
set -eu

cgroup=$1 base=$2 folder=$3 powers=$4

if [ "${5-}" != inside ]; then
    echo 0 >"$cgroup/cgroup.procs"
    # From here on the host's own group is the top of all that it sees.
    exec unshare --cgroup sh "$0" "$cgroup" "$base" "$folder" "$powers" inside
fi

root=$folder/root
# By mount(2): the newer call (fsconfig) takes 256 characters of layers at most.
LIBMOUNT_FORCE_MOUNT2=always mount -t overlay overlay -o "lowerdir=$base,upperdir=$folder/upper,workdir=$folder/work" "$root"

mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
# The kernel is everybody's: a host sets its own network and nothing else.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount --bind "$root/proc/sys/net" "$root/proc/sys/net"
mount -o remount,bind,ro "$root/proc/sys"
# Each boot has a number of its own, by which the journal tells one from another.
cat /proc/sys/kernel/random/uuid >"$folder/boot_id"
mount --bind "$folder/boot_id" "$root/proc/sys/kernel/random/boot_id"
mount -t sysfs -o nosuid,nodev,noexec,ro sysfs "$root/sys"
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$root/sys/fs/cgroup"

mount -t tmpfs -o nosuid,mode=755,size=4m dev "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o nosuid,noexec,newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o nosuid,nodev,mode=1777 shm "$root/dev/shm"
for device in null zero full random urandom tty; do
    mknod -m 666 "$root/dev/$device" c "$(stat -c '0x%t' "/dev/$device")" "$(stat -c '0x%T' "/dev/$device")"
done
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"
mount -t tmpfs -o nosuid,nodev,mode=755 run "$root/run"

hostname "$(cat "$root/etc/hostname")"
cd "$root"
# Not chroot(2): inside of one the kernel lets nobody make a user namespace, and a browser's
# sandbox is made of them.
pivot_root . .
umount -l .
exec env -i container=guichet-hosts PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin \
    setpriv --bounding-set="$powers" --inh-caps="$powers" /sbin/init </dev/null >/dev/null 2>&1
