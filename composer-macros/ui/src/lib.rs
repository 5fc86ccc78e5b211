//! The mistakes that `compose!` reports are in `tests/ui`.
