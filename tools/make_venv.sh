#!/bin/sh
# Creates or updates a virtual environment with the project (editable) and the named groups in it.
#
#     tools/make_venv.sh DIRECTORY CONSTRAINTS GROUP...
#
# PYTHON chooses the interpreter; otherwise the oldest supported one found is taken.
set -eu

directory=$1
constraints=$2
shift 2

usable() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for candidate in python3.11 python3.12 python3.13 python3; do
        if usable "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "Reprise needs Python 3.11 or newer, and none was found." >&2
    echo "Name one: make PYTHON=/path/to/python3.11 ..." >&2
    return 1
}

create() {
    if ! usable "$1"; then
        echo "PYTHON=$1 is no Python 3.11 or newer." >&2
        return 1
    fi
    # Debian keeps ensurepip in a package of its own, without which venv cannot install pip.
    if ! "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
            apt-get update -qq
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
        else
            echo "$1 has no venv module; on Debian: apt-get install python3-venv" >&2
            return 1
        fi
    fi
    echo "Creating $directory with $("$1" --version)"
    "$1" -m venv "$directory"
}

if ! usable "$directory/bin/python"; then
    create "${PYTHON:-$(find_python)}"
fi

groups=
for group in "$@"; do
    groups="$groups --group $group"
done

# -qq: errors only. The pip that comes with Python 3.11 knows no dependency groups.
"$directory/bin/python" -m pip install -qq --disable-pip-version-check \
    --constraint "$constraints" pip
echo "Installing into $directory"
# shellcheck disable=SC2086  # the groups are words
"$directory/bin/python" -m pip install -qq --disable-pip-version-check \
    --constraint "$constraints" --build-constraint "$constraints" $groups --editable '.[streamlit]'
touch "$directory/.ready"
