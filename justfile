# `just` lists these. CI runs .ci/run and nothing else.

_default:
    @just --list --unsorted

# Everything a change must pass
ci:
    .ci/run

# All tests, or those whose names contain the filter
test *filter:
    cargo test --workspace -- {{ filter }}

# Format, then lint
lint:
    cargo fmt --all
    cargo clippy --workspace --all-targets -- -D warnings

# Without `async func`
minimal:
    .ci/run minimal

# The documentation, with warnings denied
docs:
    .ci/run docs

# Run every example and compare with what it says it prints
examples:
    .ci/run examples

# Dropped futures and resources under AddressSanitizer
sanitize:
    .ci/run sanitize

# Rebuild the guest components, all or those named
guests *names:
    tests/guests/build.sh {{ names }}

# Measure
bench *filter:
    cargo bench --workspace --benches -- {{ filter }}

# Licences, advisories, bans and sources of the dependencies (needs cargo-deny)
deny:
    cargo deny --workspace check
