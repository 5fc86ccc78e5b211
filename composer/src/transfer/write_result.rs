//! The Rust type of what WASI 0.3 says of a write to the standard output.

use composer_plan::Type;
use wasmtime::component::Val;
use wasmtime_wasi::p3::bindings::cli::types::ErrorCode;

use crate::transfer::Wire;

/// What the future of `write-via-stream` resolves to.
pub(crate) type WriteResult = Result<(), ErrorCode>;

const ERROR_CODES: [(&str, ErrorCode); 3] = [
    ("io", ErrorCode::Io),
    ("illegal-byte-sequence", ErrorCode::IllegalByteSequence),
    ("pipe", ErrorCode::Pipe),
];

/// Whether this is the WIT type of a [`WriteResult`].
pub(crate) fn is_write_result(ty: &Type) -> bool {
    let Type::Result(sides) = ty else {
        return false;
    };
    match &**sides {
        (None, Some(Type::Enum(cases))) => {
            let codes = ERROR_CODES.iter().map(|(name, _)| *name);
            cases.iter().map(String::as_str).eq(codes)
        }
        _ => false,
    }
}

impl Wire for ErrorCode {
    fn into_val(self) -> Val {
        let mut codes = ERROR_CODES.iter();
        let name = codes.find(|(_, code)| *code == self).map(|(name, _)| *name);
        Val::Enum(name.unwrap_or_default().to_owned())
    }

    fn from_val(val: Val) -> Option<Self> {
        let Val::Enum(name) = val else {
            return None;
        };
        let mut codes = ERROR_CODES.into_iter();
        codes.find(|(code, _)| *code == name).map(|(_, code)| code)
    }
}
