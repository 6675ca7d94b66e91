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
