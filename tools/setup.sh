#!/usr/bin/env bash
# Installs what building convscope needs on Debian 12 or 13, and nothing that is there already.
# Usage: tools/setup.sh [tests]      `tests`: what its tests need in addition
set -euo pipefail

build=(
  g++ cmake ninja-build pkg-config
  libfmt-dev nlohmann-json3-dev libcli11-dev             # text, JSON, command line
  libdnnl-dev ocl-icd-opencl-dev libhwy-dev libeigen3-dev  # convolutions (its CMake package asks for OpenCL), SIMD, linear algebra
  ca-certificates libcurl4-openssl-dev libarchive-dev    # downloads from whom one can trust, archives
  libonnx-dev libprotobuf-dev protobuf-compiler          # the messages of ONNX files (CMake looks for protobuf with its compiler)
  libcairo2-dev fonts-dejavu-core libpng-dev libturbojpeg0-dev libjpeg-dev libwebp-dev libgif-dev zlib1g-dev  # figures, images, videos, compressed data sets
)
tests=(libgtest-dev libonnx-testdata libkissfft-dev clang-format ccache chromium jq xz-utils zsh
  python3-dev python3-numpy pybind11-dev
  libopenmpi-dev openmpi-bin libmpich-dev mpich)  # runs of several ranks, by either MPI
data=(dataset-fashion-mnist)  # welcome, not needed

case ${1-} in
  '') ;;
  tests) build+=("${tests[@]}") ;;
  *) echo "tools/setup.sh: '$1' is unknown; usage: tools/setup.sh [tests]" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
  echo "tools/setup.sh: this is no Debian system; install with your own package manager what is like: ${build[*]} ${data[*]}" >&2
  exit 1
fi

# Prints those of the given packages that are not installed.
missing() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

mapfile -t needed < <(missing "${build[@]}")
mapfile -t welcome < <(missing "${data[@]}")
if [ $((${#needed[@]} + ${#welcome[@]})) -eq 0 ]; then exit 0; fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null; then
    as_root=(sudo)
  elif [ ${#needed[@]} -eq 0 ]; then
    echo "Without Debian's package ${welcome[*]}; root may install it."
    exit 0
  else
    echo "tools/setup.sh: neither root nor sudo here; let root run: apt-get install ${needed[*]} ${welcome[*]}" >&2
    exit 1
  fi
fi
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 "$@" </dev/null; }

echo "Installing:" "${needed[@]}" "${welcome[@]}"
apt update || echo "tools/setup.sh: the package lists could not be renewed; trying with the old ones" >&2
if [ ${#needed[@]} -gt 0 ]; then apt install --no-install-recommends "${needed[@]}"; fi
if [ ${#welcome[@]} -gt 0 ]; then
  apt install --no-install-recommends "${welcome[@]}" ||
    echo "Debian's package ${welcome[*]} cannot be installed here: going on without it; \`convscope data get fashion-mnist\` downloads the images."
fi
