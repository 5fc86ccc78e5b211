#!/bin/sh
# Builds the component and leaves it as guest.wasm.
set -eu
cd "$(dirname "$0")"
target=wasm32-wasip2
[ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] || rustup target add "$target"
cargo build --release --target "$target" --manifest-path guest/Cargo.toml --target-dir guest/target
cp "guest/target/$target/release/guest.wasm" guest.wasm
