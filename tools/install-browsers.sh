#!/bin/sh
# install-browsers.sh: Debian's Chromium, Firefox and WebKit, which the tests drive, if they are not there.
set -eu

missing=
[ -x /usr/bin/chromium ] || missing="$missing chromium"
[ -x /usr/bin/firefox-esr ] || missing="$missing firefox-esr"
[ -x /usr/bin/WebKitWebDriver ] || missing="$missing webkit2gtk-driver"
[ -x /usr/bin/Xvfb ] || missing="$missing xvfb"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo "the tests need$missing in /usr/bin; on Debian run: sudo apt-get install$missing" >&2
    exit 1
fi
echo "installing$missing"
apt-get update -qq
# A page without any font is a page of boxes.
# shellcheck disable=SC2086  # a list of words on purpose
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing fonts-dejavu-core > /dev/null
