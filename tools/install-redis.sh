#!/bin/sh
# install-redis.sh: Debian's redis-server, which the tests run as a process of their own, if it is not there.
set -eu

[ ! -x /usr/bin/redis-server ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo "the tests need /usr/bin/redis-server; on Debian run: sudo apt-get install redis-server" >&2
    exit 1
fi
echo "installing redis-server"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server > /dev/null
