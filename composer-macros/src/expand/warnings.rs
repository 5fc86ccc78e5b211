//! Warnings, which a macro can give only by the use of something deprecated.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use crate::check::Warning;

pub(super) fn all(warnings: &[Warning]) -> TokenStream {
    let warning = |Warning { span, message }: &Warning| {
        quote_spanned! {*span=>
            const _: () = {
                #[deprecated(note = #message)]
                const COMPOSITION: () = ();
                COMPOSITION
            };
        }
    };
    warnings.iter().map(warning).collect()
}
