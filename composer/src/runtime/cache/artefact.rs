//! The file of a compiled component: its format, and the checks before it is used.
//!
//! This is one of the two modules of the crate that may contain `unsafe`. The module
//! needs it for a single call, which turns bytes into machine code; the comment on that
//! call says why it is sound.
//!
//! ```text
//! magic and version of this format    16 bytes
//! HMAC of the rest of the head        32
//! SHA-256 of the component's bytes    32
//! SHA-256 of what it was made with    32    wasmtime, its settings, this crate
//! which engine                         1
//! how many bytes of machine code       8    the least first
//! SHA-256 of the machine code         32
//! machine code                        the rest
//! ```
//!
//! The head is read and authenticated before anything else. So the number of bytes that
//! are read after it is the number that was once written, not one that an attacker chose.
#![allow(unsafe_code)]

use std::hash::{Hash, Hasher};
use std::io::{self, Read};
use std::ops::Range;

use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::load::engines::Engines;
use crate::runtime::ContentHash;
use crate::runtime::cache::hmac::{equal, hmac_sha256};
use crate::runtime::cache::key::CacheKey;

const MAGIC: &[u8; 16] = b"composer-code\0\0\x02";
const MAC: Range<usize> = 16..48;
const CONTENT: Range<usize> = 48..80;
const MAKER: Range<usize> = 80..112;
const ENGINE: usize = 112;
const LENGTH: Range<usize> = 113..121;
const DIGEST: Range<usize> = 121..153;
const HEAD: usize = 153;

/// Why the file of a compiled component is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ArtefactRefusal {
    /// It cannot be read.
    Unread(io::ErrorKind),
    /// It is too short, too long, or a file of another kind.
    Malformed,
    /// It was made without the key, or changed since.
    Forged,
    /// It belongs to another component.
    OtherContent,
    /// It was made by another version, or with other settings.
    Stale,
    /// wasmtime does not accept it.
    Unusable,
}

/// Encodes a component that was compiled from bytes with this hash.
pub(super) fn encode(
    key: &CacheKey,
    engines: &Engines,
    content: ContentHash,
    component: &Component,
) -> wasmtime::Result<Vec<u8>> {
    let engine = component.engine();
    let code = component.serialize()?;
    let place = engines.all().position(|known| Engine::same(known, engine));
    let place = place.and_then(|place| u8::try_from(place).ok());
    let place = place.ok_or_else(|| wasmtime::Error::msg("its engine is another runtime's"))?;
    let mut file = Vec::with_capacity(HEAD + code.len());
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&[0; MAC.end - MAC.start]);
    file.extend_from_slice(content.as_bytes());
    file.extend_from_slice(&maker(engine));
    file.push(place);
    file.extend_from_slice(&(code.len() as u64).to_le_bytes());
    file.extend_from_slice(&Sha256::digest(&code));
    let mac = hmac_sha256(key.bytes(), &[MAGIC, &file[MAC.end..]]);
    file[MAC].copy_from_slice(&mac);
    file.extend_from_slice(&code);
    Ok(file)
}

/// Makes a component of a file of `length` bytes, if [`encode`] wrote it with the same
/// key for the same content and the same engines. If not, at most the head is read and
/// as many bytes of code as an authentic head states.
pub(super) fn decode(
    key: &CacheKey,
    engines: &Engines,
    content: ContentHash,
    length: u64,
    file: &mut impl Read,
) -> Result<Component, ArtefactRefusal> {
    let mut bytes = [0; HEAD];
    read(file, &mut bytes)?;
    let head = ArtefactHead::believed(key, engines, content, &bytes)?;
    if length != (HEAD as u64).saturating_add(head.length) {
        return Err(ArtefactRefusal::Malformed);
    }
    let room = usize::try_from(head.length).map_err(|_| ArtefactRefusal::Unusable)?;
    let mut code = vec![0; room];
    read(file, &mut code)?;
    head.component(&code)
}

fn read(file: &mut impl Read, bytes: &mut [u8]) -> Result<(), ArtefactRefusal> {
    file.read_exact(bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => ArtefactRefusal::Malformed,
        kind => ArtefactRefusal::Unread(kind),
    })
}

/// The contents of an authentic head, which only [`encode`] can have written.
struct ArtefactHead<'e> {
    engine: &'e Engine,
    length: u64,
    digest: [u8; 32],
}

impl<'e> ArtefactHead<'e> {
    /// Checks that a head is authentic, and that it belongs to this content and to one of
    /// these engines.
    fn believed(
        key: &CacheKey,
        engines: &'e Engines,
        content: ContentHash,
        head: &[u8; HEAD],
    ) -> Result<Self, ArtefactRefusal> {
        if head[..MAC.start] != *MAGIC {
            return Err(ArtefactRefusal::Malformed);
        }
        let mac = part(head, MAC)?;
        // This comes before anything else in the file is interpreted.
        if !equal(&mac, &hmac_sha256(key.bytes(), &[MAGIC, &head[MAC.end..]])) {
            return Err(ArtefactRefusal::Forged);
        }
        if head[CONTENT] != *content.as_bytes() {
            return Err(ArtefactRefusal::OtherContent);
        }
        let engine = engines.all().nth(head[ENGINE].into());
        let engine = engine.ok_or(ArtefactRefusal::Stale)?;
        if head[MAKER] != maker(engine) {
            return Err(ArtefactRefusal::Stale);
        }
        Ok(ArtefactHead {
            engine,
            length: u64::from_le_bytes(part(head, LENGTH)?),
            digest: part(head, DIGEST)?,
        })
    }

    /// Makes a component of the code, if it is the code that the head describes.
    fn component(&self, code: &[u8]) -> Result<Component, ArtefactRefusal> {
        if self.digest != *Sha256::digest(code) {
            return Err(ArtefactRefusal::Forged);
        }
        // SAFETY: `deserialize` requires bytes that `Component::serialize` has made,
        // unchanged. `code` is memory that nothing else can change, and its SHA-256 is
        // the one in a head, as has just been checked. A head comes only from
        // `believed`: its HMAC was right for a key that only this program (and those it
        // trusts with the key) has, and `encode` is the only place that makes an HMAC
        // with that key. So `encode` wrote the head, and wrote it for this code, which
        // was the result of `serialize`. The code was made by this version of wasmtime
        // for an engine with the settings of `engine`, as `maker` has shown, and for
        // exactly the bytes that the caller asks for.
        let component = unsafe { Component::deserialize(self.engine, code) };
        component.map_err(|_| ArtefactRefusal::Unusable)
    }
}

fn part<const N: usize>(
    head: &[u8; HEAD],
    range: Range<usize>,
) -> Result<[u8; N], ArtefactRefusal> {
    head[range]
        .try_into()
        .map_err(|_| ArtefactRefusal::Malformed)
}

/// The hash of everything that code depends on, other than the bytes from which it was
/// compiled.
fn maker(engine: &Engine) -> [u8; 32] {
    struct DigestHasher(Sha256);
    impl Hasher for DigestHasher {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            // This is never called: `finalize` returns the whole hash.
            0
        }
    }
    let mut hash = DigestHasher(Sha256::new());
    env!("CARGO_PKG_VERSION").hash(&mut hash);
    // This covers wasmtime's version, the machine, and all settings.
    engine.precompile_compatibility_hash().hash(&mut hash);
    hash.0.finalize().into()
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::{ArtefactRefusal, HEAD, LENGTH, decode, encode};
    use crate::runtime::{CacheKey, ContentHash, Runtime};

    /// A reader that must not be read.
    struct Never;

    impl Read for Never {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("it is read")
        }
    }

    #[test]
    fn what_is_too_long_is_not_read() {
        const HUGE: u64 = 3 << 30;
        let runtime = Runtime::new().expect("a runtime");
        let engines = &runtime.core.engines;
        let key = CacheKey::from_bytes([7; 32]);
        let bytes = b"(component)";
        let content = ContentHash::of(bytes);
        let component = engines.component_from_bytes("n", bytes);
        let component = component.expect("a component");
        let file = encode(&key, engines, content, &component).expect("a file");
        let length = file.len() as u64;
        let whole = decode(&key, engines, content, length, &mut &*file);
        assert!(whole.is_ok());

        let refusal = |file: &[u8], length| {
            let mut from = file[..HEAD].chain(Never);
            decode(&key, engines, content, length, &mut from).err()
        };
        for wrong in [HUGE, u64::MAX, length + 1, length - 1, 0] {
            assert_eq!(
                refusal(&file, wrong),
                Some(ArtefactRefusal::Malformed),
                "{wrong}"
            );
        }
        // Nor is it read if the head itself states that length.
        let mut forged = file.clone();
        forged[LENGTH].copy_from_slice(&HUGE.to_le_bytes());
        let wrong = HUGE + HEAD as u64;
        assert_eq!(refusal(&forged, wrong), Some(ArtefactRefusal::Forged));
        forged[..HEAD].fill(0);
        assert_eq!(refusal(&forged, HUGE), Some(ArtefactRefusal::Malformed));
    }
}
