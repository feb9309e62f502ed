# Makes a machine of the test's own out of this one: its processes, network, name and mounts are its own, and what is
# written to /etc, /usr and /var is gone with it. Then runs ruled in it. The folder of the test is the present one.
set -e
umask 022
here=$PWD

mkdir layer
mount -t tmpfs -o mode=755 test layer
for place in etc usr var; do
    mkdir "layer/$place" "layer/$place.work"
    mount -t overlay -o "lowerdir=/$place,upperdir=$here/layer/$place,workdir=$here/layer/$place.work" test "/$place"
done
mount -t tmpfs -o mode=755 test /run
mkdir -p /srv/www /run/lock /run/apache2 /run/sshd /run/named /run/mysqld
chown bind: /run/named
chown mysql: /run/mysqld
mount -t tmpfs -o size=1m test /srv/www

hostname box
ip link set lo up
# The load is what the test says.
echo 0.50 0.50 0.50 1/100 1 >loadavg
mount --bind loadavg /proc/loadavg

# In the place of the service manager, which no container has: what Debian's units do.
cp "$here/systemctl" /usr/bin/systemctl
chmod 755 /usr/bin/systemctl
# A filter of a log of the web server, which begins to leak when it is told to.
cp "$here/filter" /usr/local/bin/filter
chmod 755 /usr/local/bin/filter
printf 'ServerName box\nGlobalLog "|/usr/local/bin/filter" combined\n' >/etc/apache2/conf-enabled/test.conf
ssh-keygen -q -A
mkdir -p /var/log/apache2 /var/backups
if [ "$EXAMPLE" = services ]; then
    # The database has a disk of its own.
    mkdir layer/mysql
    mount -t tmpfs -o size=400m,mode=755 test layer/mysql
    cp -a --sparse=always /var/lib/mysql/. layer/mysql
    chown mysql: layer/mysql
    mount --bind layer/mysql /var/lib/mysql
fi
# Somebody writes to the log, until the test wants silence.
while :; do [ -e /run/silent ] || echo "a line" >>/var/log/syslog; sleep 0.5; done &
head -c 2097152 /dev/zero >/var/backups/site.sql

touch ready
while ! [ -e go ]; do sleep 0.02; done
"$RULED" run -v --dialect "$DIALECT" --events events --log log "$RULES" || echo "ended with $?" >>log
sleep 600
