#!/bin/bash
# Rebuilds the guest components, all of them or those named:
#
#     tests/guests/build.sh [guest...]
#
# Leaves each component as <guest>/<guest>.wasm and its line in SOURCES.sha256.
# The components are committed, so that `cargo test` needs none of this; run it
# after changing a guest or a WIT file. Needs rustup's stable toolchain.
#
# Rust guests are built for wasm32-wasip2 where rustup has that target. If not,
# for wasm32-unknown-unknown with a std compiled from Debian's sources; such
# components import nothing from WASI. Those that depend on the crate wasip2, or
# say `wasi = true` in [package.metadata.guest], are then built for wasm32-wasip1,
# linked with Debian's wasi-libc and the adapter of wasm-component-ld. That, and
# the C guests (Debian's clang and wasi-libc), need Debian's apt-get; the packages
# are only unpacked, into $COMPOSER_GUEST_TOOLS. The guest in JavaScript needs npm.
#
# The bindings of the C guests (<guest>/gen) are committed. After a change of
# their WIT, generate them anew, in the guest's folder:
#
#     cargo install wit-bindgen-cli --version 0.60.0 --no-default-features --features c
#     wit-bindgen c ../../../wit/shop-tax    --world tax            --out-dir gen  # tax-us
#     wit-bindgen c ../../wit/resources      --world counters-guest --out-dir gen  # counters-c
#     wit-bindgen c ../../wit/pipeline       --world stage-guest    --out-dir gen  # pipeline-stage-c
#     wit-bindgen c ../../wit/pipeline       --world runner-guest   --out-dir gen  # pipeline-runner-c
#     wit-bindgen c ../../wit/wasi-http      --world middleware-guest --out-dir gen # http-gate-c
set -euo pipefail
export LC_ALL=C # sort by bytes
guests=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$guests/../.." && pwd)
# Outside the workspace, or cargo names std's sources by relative path.
tools=${COMPOSER_GUEST_TOOLS:-$HOME/.cache/composer-guests}
mkdir -p "$tools"
tools=$(realpath "$tools")
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS

cd "$guests" # here, rustc is the toolchain that cargo will use
sysroot=$(rustc --print sysroot)
host=$(rustc -vV | sed -n 's/^host: //p')
bin=$sysroot/lib/rustlib/$host/bin
export PATH=$bin/gcc-ld:$PATH # where wasm-component-ld looks for wasm-ld

# Unpacks Debian packages, given as URIs or names, into $tools/$1; $2 is a tar
# pattern that limits the packages which match *-src_*.
unpack() {
  local folder=$tools/$1 src_pattern=$2 deb
  shift 2
  rm -rf "$folder" "$folder.new"
  mkdir -p "$folder.new/debs"
  (cd "$folder.new/debs" && apt-get -qq -o APT::Sandbox::User=root download "$@")
  for deb in "$folder.new"/debs/*.deb; do
    case $deb in
      *-src_*) dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$folder.new" --wildcards "$src_pattern" './usr/lib/*' ;;
      *) dpkg-deb -x "$deb" "$folder.new" ;;
    esac
  done
  rm -r "$folder.new/debs"
  mv "$folder.new" "$folder" # only a complete folder gets its name
}

# Sets $target, and makes a compiler for it if rustup has none.
prepare_rust() {
  [ -z "${target:-}" ] || return 0
  build_std=() remap=
  if ls "$sysroot"/lib/rustlib/wasm32-wasip2/lib/libstd-*.rlib >/dev/null 2>&1; then
    target=wasm32-wasip2
  else
    target=wasm32-unknown-unknown
    build_std=(-Zbuild-std=std,panic_abort)
    local usr=$tools/rust/usr
    if [ ! -d "$usr" ]; then
      apt-get -qq update
      # The names of the versioned packages that the others depend on.
      depends() {
        local prefix=$1
        shift
        apt-cache show --no-all-versions "$@" | grep ^Depends: | tr -s ', ()' '\n' | grep -E "^$prefix[0-9]" | sort -u
      }
      local std llvm
      std=$(depends libstd-rust-web- libstd-rust-web-dev)
      llvm=$(depends libllvm $std)
      unpack rust './usr/src/*/library/*' rustc-web rust-web-src libstd-rust-web-dev $std $llvm
    fi
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' \
      "$usr/lib/$(uname -m)-linux-gnu:$usr/lib" "$usr/bin/rustc" >"$tools/rustc"
    chmod +x "$tools/rustc"
    export RUSTC=$tools/rustc RUSTC_BOOTSTRAP=1
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$bin/wasm-component-ld
    export CARGO_TARGET_WASM32_WASIP1_LINKER=$bin/wasm-component-ld
    remap="--remap-path-prefix=$usr=/rust "
  fi
  # The same bytes wherever this is checked out.
  cargo fetch --quiet --locked
  remap+="--remap-path-prefix=$guests=/guests"
  local sources
  for sources in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do
    remap+=" --remap-path-prefix=${sources%/}=/crates"
  done
  export CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS=$remap
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS=$remap
  local libc=$tools/c/usr/lib/wasm32-wasi
  export CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS="$remap -Clink-self-contained=no \
    -Lnative=$libc -Clink-arg=$libc/crt1-reactor.o -Clink-arg=-lc"
  export CARGO_TARGET_DIR=$tools/target
}

build_rust() {
  prepare_rust
  local target=$target
  if [ "$target" = wasm32-unknown-unknown ] && grep -Eq '^(wasip2 |wasi = true)' "$1/Cargo.toml"; then
    prepare_c
    target=wasm32-wasip1
  fi
  # One by one: together, guests would share the features of their dependencies.
  cargo build --quiet --release --locked --target $target "${build_std[@]}" --package "$1"
  cp "$CARGO_TARGET_DIR/$target/release/${1//-/_}.wasm" "$1/$1.wasm"
}

prepare_c() {
  [ ! -d "$tools/c/usr" ] || return 0
  apt-get -qq update
  unpack c '' clang-19 libclang-common-19-dev libclang-cpp19 libllvm19 wasi-libc
}

build_c() {
  prepare_c
  local usr=$tools/c/usr out=$tools/c/out source
  rm -rf "$out"
  mkdir -p "$out"
  for source in "$1"/*.c "$1"/gen/*.c; do
    LD_LIBRARY_PATH=$usr/lib/$(uname -m)-linux-gnu:$usr/lib/llvm-19/lib \
      "$usr/lib/llvm-19/bin/clang" --target=wasm32-wasi -isystem "$usr/include/wasm32-wasi" \
      -Os -Wall -Wextra -Wno-unused-parameter -c "$source" -o "$out/${source//\//-}.o"
  done
  "$bin/wasm-component-ld" -m wasm32 --gc-sections --strip-all --entry _initialize \
    "$usr/lib/wasm32-wasi/crt1-reactor.o" "$out"/*.o "$1"/gen/*_component_type.o \
    -L "$usr/lib/wasm32-wasi" -lc -o "$1/$1.wasm"
}

build_js() {
  local version=0.4.5 bin=$tools/js/node_modules/.bin/componentize-qjs
  if [ ! -x "$bin" ]; then
    npm install --silent --prefix "$tools/js" "componentize-qjs@$version"
  fi
  # The smaller engine, and plain exports: the component is committed.
  "$bin" --opt-size --sync --wit "$1/$1.wit" --js "$1/$1.js" -o "$1/$1.wasm" >/dev/null
}

# The hash that the head of SOURCES.sha256 defines.
hash_sources() {
  (
    cd "$repo"
    find -L "tests/guests/$1" wit tests/wit tests/guests/Cargo.toml -type f ! -path "tests/guests/$1/*.wasm" | sort |
      while IFS= read -r path; do
        printf '%s\0' "$path"
        cat "$path"
        printf '\0'
      done | sha256sum | cut -d' ' -f1
  )
}

all=()
for folder in */; do
  guest=${folder%/}
  for source in Cargo.toml "$guest.c" "$guest.js"; do
    if [ -f "$guest/$source" ]; then all+=("$guest"); fi
  done
done
[ $# -gt 0 ] || set -- "${all[@]}"

touch SOURCES.sha256
for guest in "$@"; do
  if [ -f "$guest/Cargo.toml" ]; then
    build_rust "$guest"
  elif [ -f "$guest/$guest.js" ]; then
    build_js "$guest"
  else
    build_c "$guest"
  fi
  echo "$(hash_sources "$guest")  $guest" >>SOURCES.sha256
  echo "$guest: $(wc -c <"$guest/$guest.wasm") bytes"
done

# The last line of each guest that still exists, by name, below the definition.
lines=$(tac SOURCES.sha256 | awk -v all=" ${all[*]} " \
  '!/^#/ && index(all, " " $2 " ") && !seen[$2]++' | sort -k2)
cat >SOURCES.sha256 <<END
# What the committed guests were built from; written by build.sh, do not edit.
#
# Each line is a hash, two spaces, and the name of a guest. The hash is the
# SHA-256 (lower-case hex) over, for each input file, in byte-sorted order of
# its path: the path, a zero byte, the file's bytes, a zero byte. A path is
# relative to the repository's root and has forward slashes. The input files:
#   - all files under tests/guests/<guest>/, except *.wasm;
#   - tests/guests/Cargo.toml;
#   - all files under wit/ and under tests/wit/.
$lines
END
