#!/bin/sh
# install-debian.sh WHO PACKAGE...: install packages of Debian for WHO ("the tests", say), or tell how.
set -eu
who=$1
shift

if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo "$who: $* missing; on Debian run: sudo apt-get install $*" >&2
    exit 1
fi
echo "installing $*"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" > /dev/null
