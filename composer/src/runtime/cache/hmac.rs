//! HMAC-SHA256, as defined by RFC 2104.
//!
//! It is implemented here because the crate `hmac` turns on a feature of `digest`
//! that wasmtime's compiler is built without, and two lines of hashing do not justify
//! building that crate a second time.

use sha2::{Digest, Sha256};

/// The bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// The authentication code of these parts, which cannot be made without `key`.
///
/// The parts are authenticated as one text, so their boundaries must be evident from
/// their content or from fixed lengths.
pub(super) fn hmac_sha256(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let padded = |with: u8| {
        let mut block = [with; BLOCK];
        block
            .iter_mut()
            .zip(key)
            .for_each(|(byte, key)| *byte ^= key);
        block
    };
    let mut inner = Sha256::new_with_prefix(padded(0x36));
    parts.iter().for_each(|part| inner.update(part));
    let outer = Sha256::new_with_prefix(padded(0x5c));
    outer.chain_update(inner.finalize()).finalize().into()
}

/// Compares in constant time, so that the duration does not reveal where the two differ.
pub(super) fn equal(a: &[u8; 32], b: &[u8; 32]) -> bool {
    let differing = a
        .iter()
        .zip(b)
        .fold(0, |differing, (a, b)| differing | (a ^ b));
    std::hint::black_box(differing) == 0
}

#[cfg(test)]
mod tests {
    use super::{equal, hmac_sha256};

    /// Keys shorter than 32 bytes are padded with zeros, so the vectors of RFC
    /// 4231 with short keys can be used.
    #[test]
    fn the_vectors_of_rfc_4231() {
        let key = |bytes: &[u8]| {
            let mut key = [0; 32];
            key[..bytes.len()].copy_from_slice(bytes);
            key
        };
        let cases: [([u8; 32], &[u8], &str); 4] = [
            (
                key(&[0x0b; 20]),
                b"Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                key(b"Jefe"),
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                key(&[0xaa; 20]),
                &[0xdd; 50],
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
            (
                key(&(1..=25).collect::<Vec<u8>>()),
                &[0xcd; 50],
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            ),
        ];
        for (key, text, expected) in cases {
            let whole = hmac_sha256(&key, &[text]);
            let hex: String = whole.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, expected);
            let (head, tail) = text.split_at(5);
            assert!(equal(&whole, &hmac_sha256(&key, &[head, tail])));
            let mut other = whole;
            other[31] ^= 1;
            assert!(!equal(&whole, &other));
        }
    }
}
