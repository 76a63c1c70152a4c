#!/bin/sh
# make-venv.sh PYTHON FOLDER: make a virtual environment, with Debian's missing piece if need be.
set -eu
python=$1
folder=$2

if ! command -v "$python" > /dev/null; then
    echo "$python is missing; install Python 3.11 or newer, or run: make PYTHON=/path/to/python3" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "$python is $("$python" -V 2>&1), but metafor needs 3.11 or newer; run: make PYTHON=python3.11" >&2
    exit 1
fi
# Debian ships venv without ensurepip, which is in a package of its own.
if ! "$python" -c 'import ensurepip, venv' 2> /dev/null; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    "$(dirname "$0")/install-debian.sh" "virtual environments of $python" "$package"
fi
rm -rf "$folder"
"$python" -m venv "$folder"
