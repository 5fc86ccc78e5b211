//! A compiled component as a file: what is in it, and when it is believed.
//!
//! This is one of the two modules of the crate that may hold `unsafe`. What it
//! needs it for is the one call at the end, which makes machine code of bytes;
//! all that makes the call sound stands above it.
//!
//! ```text
//! magic and version of this format    16 bytes
//! HMAC of all that follows            32
//! SHA-256 of the component's bytes    32
//! SHA-256 of what it was made with    32    wasmtime, its settings, this crate
//! which engine                         1
//! machine code                        the rest
//! ```
#![allow(unsafe_code)]

use std::hash::{Hash, Hasher};

use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::hmac::{equal, hmac_sha256};
use super::key::CacheKey;
use crate::engines::Engines;
use crate::runtime::ContentHash;

const MAGIC: &[u8; 16] = b"composer-code\0\0\x01";
const MAC: std::ops::Range<usize> = 16..48;
const CONTENT: std::ops::Range<usize> = 48..80;
const MAKER: std::ops::Range<usize> = 80..112;
const ENGINE: usize = 112;
const CODE: usize = 113;

/// Why a file is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is cut short, or something else altogether.
    Malformed,
    /// It was made without the key, or changed since.
    Forged,
    /// It is of another component.
    OtherContent,
    /// It was made by another version, or with other settings.
    Stale,
    /// wasmtime does not take it.
    Unusable,
}

/// Writes down a component that was compiled from bytes with this hash.
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
    let mut file = Vec::with_capacity(CODE + code.len());
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&[0; MAC.end - MAC.start]);
    file.extend_from_slice(content.as_bytes());
    file.extend_from_slice(&maker(engine));
    file.push(place);
    file.extend_from_slice(&code);
    let mac = hmac_sha256(key.bytes(), &[MAGIC, &file[MAC.end..]]);
    file[MAC].copy_from_slice(&mac);
    Ok(file)
}

/// Makes a component of a file, if it is what [`encode`] wrote with the same key
/// for the same content and the same engines.
pub(super) fn decode(
    key: &CacheKey,
    engines: &Engines,
    content: ContentHash,
    file: &[u8],
) -> Result<Component, Refusal> {
    if file.len() < CODE || file[..MAC.start] != *MAGIC {
        return Err(Refusal::Malformed);
    }
    let mac: [u8; 32] = file[MAC].try_into().map_err(|_| Refusal::Malformed)?;
    // Before anything else in the file is looked at.
    if !equal(&mac, &hmac_sha256(key.bytes(), &[MAGIC, &file[MAC.end..]])) {
        return Err(Refusal::Forged);
    }
    if file[CONTENT] != *content.as_bytes() {
        return Err(Refusal::OtherContent);
    }
    let engine = engines.all().nth(file[ENGINE].into());
    let engine = engine.ok_or(Refusal::Stale)?;
    if file[MAKER] != maker(engine) {
        return Err(Refusal::Stale);
    }
    // SAFETY: `deserialize` asks for bytes that `Component::serialize` has made,
    // unchanged. `file` is memory that nobody else can change. Its HMAC is right
    // for a key that only this program (and who it trusts with it) has, and
    // `encode` is the only place that makes an HMAC with that key; so what is
    // authenticated is what `encode` wrote, the code included, and that was the
    // result of `serialize`. It was made by this version of wasmtime for an
    // engine with the settings of `engine`, as `maker` has just shown, and for
    // the very bytes that are asked for.
    let component = unsafe { Component::deserialize(engine, &file[CODE..]) };
    component.map_err(|_| Refusal::Unusable)
}

/// What code depends on, beside the bytes it was compiled from.
fn maker(engine: &Engine) -> [u8; 32] {
    struct Digesting(Sha256);
    impl Hasher for Digesting {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            // Nobody asks: the whole hash is taken out.
            0
        }
    }
    let mut hash = Digesting(Sha256::new());
    env!("CARGO_PKG_VERSION").hash(&mut hash);
    // It covers wasmtime's version, the machine, and all settings.
    engine.precompile_compatibility_hash().hash(&mut hash);
    hash.0.finalize().into()
}
