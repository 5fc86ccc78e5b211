//! One mistake in each file of `ui`, and how the compiler shows it.
//!
//! The cases need nothing but this crate, so they are quick to build. Cases
//! that work are in the tests of `composer`, which run them too.

#![allow(missing_docs)]

#[test]
fn mistakes_are_reported_at_the_users_own_tokens() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
