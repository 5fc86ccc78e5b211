//! Components from files and bytes, with errors that name what is wrong.

mod binary;
pub(crate) mod engines;
pub(crate) mod stack;
pub(crate) mod world;

use std::path::Path;

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::LoadError;
use crate::load::binary::BinaryContents;

/// The version of the component binary format that wasmtime 48 reads.
const COMPONENT_VERSION: u16 = 0x0d;
const COMPONENT_LAYER: u16 = 1;

/// Reads and compiles a component from a file, for an engine of the embedder.
/// [`Engines`](crate::Engines) choose the engine that suits the component.
///
/// This blocks: compiling takes about a second for every few megabytes of code
/// on each processor core. The error names the file.
///
/// # Errors
///
/// [`LoadError`]: the file cannot be read, or holds a core module, a file
/// compiled ahead of time, a component of another version of the binary
/// format, or something damaged.
pub fn load_component(engine: &Engine, path: impl AsRef<Path>) -> Result<Component, LoadError> {
    let path = path.as_ref();
    component_from_bytes(engine, &path.display().to_string(), &read(path)?)
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    std::fs::read(path).map_err(|error| LoadError::Read {
        path: path.to_owned(),
        error,
    })
}

/// Compiles a component from memory, for an engine of the embedder. Errors call the
/// component `origin`. [`Engines`](crate::Engines) choose the engine that suits the
/// component.
///
/// The bytes are a binary component, or its text form where the program turns
/// on wasmtime's `wat` feature.
///
/// # Errors
///
/// The same as [`load_component`], except for those of reading a file.
///
/// ```
/// use composer::{LoadError, component_from_bytes};
///
/// let engine = wasmtime::Engine::default();
/// let core_module = b"\0asm\x01\0\0\0";
/// let error = component_from_bytes(&engine, "upload 7", core_module).unwrap_err();
/// assert!(matches!(error, LoadError::CoreModule { .. }));
/// ```
pub fn component_from_bytes(
    engine: &Engine,
    origin: &str,
    bytes: &[u8],
) -> Result<Component, LoadError> {
    check(origin, bytes)?;
    Component::new(engine, bytes).map_err(|error| LoadError::Invalid {
        origin: origin.to_owned(),
        error,
    })
}

/// Refuses bytes that are recognizably not a component that can be compiled.
pub(crate) fn check(origin: &str, bytes: &[u8]) -> Result<(), LoadError> {
    let origin = origin.to_owned();
    if Engine::detect_precompiled(bytes).is_some() {
        return Err(LoadError::Precompiled { origin });
    }
    if let Some((version, layer)) = binary_version(bytes) {
        if layer != COMPONENT_LAYER {
            return Err(LoadError::CoreModule { origin });
        }
        if version != COMPONENT_VERSION {
            return Err(LoadError::Version {
                origin,
                found: version,
                expected: COMPONENT_VERSION,
            });
        }
        match binary::contents(bytes) {
            BinaryContents::WitPackage => return Err(LoadError::WitPackage { origin }),
            BinaryContents::Memory64Values => return Err(LoadError::Memory64 { origin }),
            BinaryContents::Other => {}
        }
    }
    if bytes.is_empty() {
        let error = wasmtime::Error::msg("it is empty");
        return Err(LoadError::Invalid { origin, error });
    }
    Ok(())
}

/// Version and layer from the header of a WebAssembly binary.
fn binary_version(bytes: &[u8]) -> Option<(u16, u16)> {
    let header: [u8; 8] = bytes.get(..8)?.try_into().ok()?;
    let [b'\0', b'a', b's', b'm', v0, v1, l0, l1] = header else {
        return None;
    };
    Some((u16::from_le_bytes([v0, v1]), u16::from_le_bytes([l0, l1])))
}
