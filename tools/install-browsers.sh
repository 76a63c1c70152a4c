#!/bin/sh
# install-browsers.sh: Debian's Chromium, Firefox and WebKit, which the tests drive, if they are not there.
set -eu

missing=
[ -x /usr/bin/chromium ] || missing="$missing chromium"
[ -x /usr/bin/firefox-esr ] || missing="$missing firefox-esr"
[ -x /usr/bin/WebKitWebDriver ] || missing="$missing webkit2gtk-driver"
[ -x /usr/bin/Xvfb ] || missing="$missing xvfb"
[ -n "$missing" ] || exit 0

# A page without any font is a page of boxes.
# shellcheck disable=SC2086  # a list of words on purpose
exec "$(dirname "$0")/install-debian.sh" "browsers for the tests" $missing fonts-dejavu-core
