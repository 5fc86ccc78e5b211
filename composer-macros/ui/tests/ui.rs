//! One mistake in each file of `ui`, and how the compiler shows it.
//!
//! After a mistake in the wiring, the code is generated all the same, so that one mistake
//! does not undefine every name: nothing else is reported. Cases that work are in the tests
//! of `composer`, which run them too.

#![allow(missing_docs)]

#[test]
fn mistakes_are_reported_at_the_users_own_tokens() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
