# Shared by the scripts of this folder. POSIX sh; works as root and as a user with sudo, without a terminal.
set -eu
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
jobs=$(nproc 2>/dev/null || echo 2)

begun=$(date +%s)
say() { # with the minutes and seconds since the script began
    elapsed=$(($(date +%s) - begun))
    printf '\n== [%02d:%02d] %s\n' $((elapsed / 60)) $((elapsed % 60)) "$*"
}

# install KIND...: the packages of core/cmake/packages.txt of these kinds that are not there yet.
install_packages() {
    kinds=$(echo "$*" | tr ' ' '|')
    wanted=$(sed -nE "s/^($kinds) //p" core/cmake/packages.txt)
    missing=
    for package in $wanted; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    say "installing$missing"
    as_root=
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# A Debian 12 in a folder: bare_root [FOLDER] makes one where none is named (debootstrap), mounts what programs need, and sets $bare;
# everything it made goes when the script ends. A folder that was given is changed and stays.
made=
leave_root() {
    for place in dev proc; do
        ! mountpoint -q "$bare/$place" || umount -l "$bare/$place"
    done
    [ -z "$made" ] || rm -rf --one-file-system "$made"
}
bare_root() {
    [ "$(id -u)" -eq 0 ] || { echo "$(basename "$0"): needs root, for debootstrap and chroot" >&2; exit 2; }
    bare=${1:-}
    trap leave_root EXIT
    trap 'exit 1' HUP INT TERM
    if [ -z "$bare" ]; then
        made=$(mktemp -d)
        bare=$made
        say "a bare Debian 12"
        debootstrap --variant=minbase bookworm "$bare" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >/dev/null
    fi
    mount -t proc proc "$bare/proc"
    mount --rbind /dev "$bare/dev"
    mount --make-rslave "$bare/dev"
    cp /etc/resolv.conf "$bare/etc/"
    # The sources of the last commit; what is as it was keeps its time, so that a build tree is built only as far as needed.
    rm -rf "$bare/srv/new"
    mkdir -p "$bare/srv/new" "$bare/srv/rvm"
    git archive HEAD | tar -x -m -C "$bare/srv/new"
    (cd "$bare/srv/new" && find . -type f) | while IFS= read -r file; do
        ! cmp -s "$bare/srv/rvm/$file" "$bare/srv/new/$file" || touch -r "$bare/srv/rvm/$file" "$bare/srv/new/$file"
    done
    rm -rf "$bare/srv/rvm"
    mv "$bare/srv/new" "$bare/srv/rvm"
}
in_root() { # COMMAND, in the sources
    chroot "$bare" env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c "cd /srv/rvm && $1"
}
