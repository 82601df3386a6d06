#!/usr/bin/env bash
# Runs a command in a copy of this checkout on another Debian: as little of one as there can be, where nothing is installed beforehand.
set -euo pipefail

usage() {
  cat <<'END'
Usage: tools/try_debian.sh [--user] [--folder DIR] bookworm|trixie [COMMAND…]

Runs COMMAND (./test.sh where none is given) in a Debian of this name, in /convscope: the files of this checkout that git tracks, as they are
in the work tree. The Debian is made by mmdebstrap where it is not there yet, and kept, with all that COMMAND installs and builds; delete its
folder to begin anew. Nothing stays mounted. Needs root.

  --user        as an ordinary user with sudo; a Debian of its own, so that sudo has something to install
  --folder DIR  where the Debians are: DIR/bookworm, DIR/bookworm-user, … ($XDG_CACHE_HOME or ~/.cache, there convscope/debian)

With $CONVSCOPE_DATA set, this folder is there too, read-only. Proxies are passed on, from the environment and from apt's settings, and so is
the mirror from which this machine installs, where it is a Debian itself.
END
}

fail() { echo "tools/try_debian.sh: $1" >&2; exit "${2-1}"; }
misused() { fail "$1; --help tells more" 2; }

arguments=("$@")
user=root
folder=${XDG_CACHE_HOME:-${HOME-/root}/.cache}/convscope/debian
while [ $# -gt 0 ]; do
  case $1 in
    --help) usage; exit ;;
    --user) user=somebody; shift ;;
    --folder) [ $# -ge 2 ] || misused "--folder wants a folder"; folder=$(realpath -m -- "$2"); shift 2 ;;
    -*) misused "'$1' is unknown" ;;
    *) break ;;
  esac
done
release=${1-}
case $release in
  bookworm | trixie) shift ;;
  '') misused "which Debian, bookworm or trixie" ;;
  *) misused "'$release' is not bookworm or trixie" ;;
esac
if [ $# -eq 0 ]; then set -- ./test.sh; fi
system=$folder/$release include=
if [ "$user" != root ]; then system+=-user include=sudo; fi
proxies=(http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY)

[ "$(id -u)" -eq 0 ] || fail "only root may mount and change its root; try: sudo --preserve-env=CONVSCOPE_DATA $0 …"
command -v mmdebstrap >/dev/null || fail "mmdebstrap is missing; on Debian: apt-get install mmdebstrap"
if [ -n "${CONVSCOPE_DATA-}" ]; then
  [ -d "$CONVSCOPE_DATA" ] || fail "CONVSCOPE_DATA names '$CONVSCOPE_DATA', which is no folder"
  CONVSCOPE_DATA=$(realpath "$CONVSCOPE_DATA")
fi
# In a mount namespace of its own, which goes away with all its mounts.
[ -n "${CONVSCOPE_TRY_DEBIAN-}" ] || CONVSCOPE_TRY_DEBIAN=1 exec unshare --mount "${BASH_SOURCE[0]}" "${arguments[@]}"
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# How apt fetches things on this machine: proxies, and whether it minds dates.
apt_settings() { if command -v apt-config >/dev/null; then apt-config dump | grep -E '^Acquire::(https?::|Check-)' || true; fi; }

# The archive this machine's own packages come from; nothing where it is no Debian, or where mmdebstrap would choose it anyway.
mirror() {
  command -v apt-get >/dev/null || return 0
  # shellcheck disable=SC2016  # apt fills in what looks like variables
  apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null | sed -n '/^Debian /{s///p;q}' |
    grep -v '//deb\.debian\.org/' || true
}

make_system() {
  local from
  from=$(mirror)
  echo "Making a minimal Debian ($release) in $system"
  rm -rf "$system.part"
  apt_settings >"$system.apt"
  mmdebstrap --quiet --variant=minbase --aptopt="$system.apt" ${include:+"--include=$include"} "$release" "$system.part" ${from:+"$from"}
  rm "$system.apt"
  if [ "$user" != root ]; then
    chroot "$system.part" useradd --create-home --shell /bin/bash "$user"
    printf '%s\n' "Defaults env_keep += \"${proxies[*]}\"" "$user ALL=(ALL) NOPASSWD: ALL" >"$system.part/etc/sudoers.d/$user"
  fi
  mv "$system.part" "$system"
}

# Files of the checkout that differ from the copy get a new date, so that what is built from them is built again; others keep theirs.
copy_checkout() {
  local copy=$system/convscope file
  local -A tracked=()
  mkdir -p "$copy"
  while IFS= read -r -d '' file; do
    [ -f "$file" ] || continue  # deleted in the work tree
    tracked[./$file]=1
    cmp -s -- "$file" "$copy/$file" && continue
    mkdir -p "$copy/$(dirname "$file")"
    cp --remove-destination --preserve=mode -- "$file" "$copy/$file"
  done < <(git -c safe.directory="$PWD" ls-files -z)
  [ ${#tracked[@]} -gt 0 ] || fail "git lists no files in $PWD; only a git checkout can be copied"
  while IFS= read -r -d '' file; do
    if [ -z "${tracked[$file]-}" ]; then rm -- "$copy/$file"; fi
  done < <(cd "$copy" && find . \( -path ./build -o -path ./runs \) -prune -o -type f -print0)
  chroot "$system" chown -R "$user:" /convscope
}

# What a command asks of the machine: name resolution, devices, the data.
connect() {
  local file
  for file in resolv.conf hosts; do if [ -e "/etc/$file" ]; then cp --remove-destination "/etc/$file" "$system/etc/$file"; fi; done
  apt_settings >"$system/etc/apt/apt.conf.d/99mmdebstrap"
  for file in proc sys dev; do mount --rbind "/$file" "$system/$file"; done
  if [ -n "${CONVSCOPE_DATA-}" ]; then
    mkdir -p "$system/data"
    mount --bind "$CONVSCOPE_DATA" "$system/data"
    mount -o remount,bind,ro "$system/data"
  fi
}

mkdir -p "$folder"
exec {lock}>"$system.lock"
flock --nonblock "$lock" || fail "another command is running in $system"
[ -d "$system" ] || make_system
copy_checkout
connect
variables=()
for name in "${proxies[@]}" CI; do if [ -n "${!name-}" ]; then variables+=("$name=${!name}"); fi; done
if [ -n "${CONVSCOPE_DATA-}" ]; then variables+=(CONVSCOPE_DATA=/data); fi
exec chroot "$system" setpriv --reuid "$user" --regid "$user" --init-groups --reset-env env --chdir=/convscope "${variables[@]}" "$@"
