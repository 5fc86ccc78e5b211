#!/bin/bash
# Builds a stage of `tests/wit/pipeline` in Python, and prints the path of its component:
#
#     COMPOSER_STAGE=$(tests/python/build.sh) cargo test --workspace --test all -- languages
#
# It needs python3 with venv and pip, and puts all that it makes into $COMPOSER_PYTHON. The
# component has 22 MB, since an interpreter is in it, so it is not committed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tools=${COMPOSER_PYTHON:-$HOME/.cache/composer-python}
version=0.25.1
if ! "$tools/bin/componentize-py" --version 2>/dev/null | grep -qF "$version"; then
  python3 -m venv "$tools" >&2
  "$tools/bin/pip" install --quiet --disable-pip-version-check "componentize-py==$version" >&2
fi
cd "$here"
"$tools/bin/componentize-py" --quiet -d ../wit/pipeline -w stage-guest \
  componentize app -o "$tools/stage.wasm" >&2
echo "$tools/stage.wasm"
