#!/bin/sh
# install-redis.sh: Debian's redis-server, which the tests run as a process of their own, if it is not there.
set -eu

[ ! -x /usr/bin/redis-server ] || exit 0
exec "$(dirname "$0")/install-debian.sh" "Redis for the tests" redis-server
