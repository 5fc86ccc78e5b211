//! Values as the canonical ABI lays them out, detached from their memory.

use std::fmt;
use std::ops::ControlFlow;

use wasmtime::{Result, format_err};

use crate::transfer::Visit;
use crate::transfer::handle_place::AnyHandle;

/// The arguments or the results of one call, without types and names.
///
/// `bytes` starts with the image of a tuple of them all, as it would be in a component's
/// memory; the contents of its strings and lists follow. Where memory has a pointer, this
/// has an offset into `bytes`; where it has a handle, this has an index into
/// `handles`.
#[derive(Default)]
pub(crate) struct AbiImage {
    bytes: Vec<u8>,
    handles: Vec<ImageHandle>,
    /// How many bytes count towards the limit on the size of the values of one call.
    measure: usize,
}

/// A handle, in the order in which the walk of the types meets them.
struct ImageHandle {
    /// The number of its place among the places for handles in the types.
    place: usize,
    handle: AnyHandle,
}

/// The size of one handle, beside the bytes of the values.
pub(super) const HANDLE_SIZE: usize = size_of::<ImageHandle>();

impl AbiImage {
    /// Calls `visit` for every handle, until it breaks.
    pub(crate) fn visit(&mut self, visit: &mut Visit<'_>) -> ControlFlow<()> {
        self.handles
            .iter_mut()
            .try_for_each(|found| visit(found.place, found.handle.as_mut()))
    }

    /// The bytes of the image and of all that it points to.
    #[cfg(feature = "component-model-async")]
    pub(crate) fn len(&self) -> usize {
        self.bytes.len() + self.handles.len() * HANDLE_SIZE
    }

    /// Adds to the measured size, and returns the new size.
    pub(super) fn measure(&mut self, bytes: usize) -> usize {
        self.measure = self.measure.saturating_add(bytes);
        self.measure
    }

    /// Appends `size` zeros and returns their offset.
    pub(super) fn blank(&mut self, size: usize) -> usize {
        let at = self.bytes.len();
        self.bytes.resize(at + size, 0);
        at
    }

    /// Appends a copy of `bytes` and returns its offset.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<usize> {
        let at = self.bytes.len();
        // Offsets replace pointers and have their width.
        u32::try_from(at + bytes.len())
            .map_err(|_| format_err!("the values take up over 4 GiB"))?;
        self.bytes.extend_from_slice(bytes);
        Ok(at)
    }

    pub(super) fn slice(&self, at: usize, len: usize) -> Result<&[u8]> {
        at.checked_add(len)
            .and_then(|end| self.bytes.get(at..end))
            .ok_or_else(misplaced)
    }

    pub(super) fn slice_mut(&mut self, at: usize, len: usize) -> Result<&mut [u8]> {
        at.checked_add(len)
            .and_then(|end| self.bytes.get_mut(at..end))
            .ok_or_else(misplaced)
    }

    pub(super) fn get<const N: usize>(&self, at: usize) -> Result<[u8; N]> {
        let found = self.slice(at, N)?.first_chunk().copied();
        found.ok_or_else(misplaced)
    }

    pub(super) fn put<const N: usize>(&mut self, at: usize, bytes: [u8; N]) -> Result<()> {
        self.slice_mut(at, N)?.copy_from_slice(&bytes);
        Ok(())
    }

    /// The pointer, offset or index at `at`.
    pub(super) fn word(&self, at: usize) -> Result<u32> {
        Ok(u32::from_le_bytes(self.get(at)?))
    }

    /// The pointer or offset at `at`, and the length after it.
    pub(super) fn pair(&self, at: usize) -> Result<(usize, usize)> {
        Ok((self.word(at)? as usize, self.word(at + 4)? as usize))
    }

    /// Replaces the pointer or offset that [`AbiImage::pair`] reads.
    pub(super) fn point(&mut self, at: usize, to: usize) -> Result<()> {
        self.put(at, u32::try_from(to)?.to_le_bytes())
    }

    /// A number of one, two or four bytes.
    pub(super) fn number(&self, at: usize, width: usize) -> Result<u32> {
        Ok(match width {
            1 => u32::from(u8::from_le_bytes(self.get(at)?)),
            2 => u32::from(u16::from_le_bytes(self.get(at)?)),
            _ => u32::from_le_bytes(self.get(at)?),
        })
    }

    /// Writes a number of one, two or four bytes, and drops excess bits.
    pub(super) fn put_number(&mut self, at: usize, width: usize, number: u32) -> Result<()> {
        let bytes = number.to_le_bytes();
        self.slice_mut(at, width)?.copy_from_slice(&bytes[..width]);
        Ok(())
    }

    /// Adds a handle and returns its index.
    pub(super) fn hold(&mut self, place: usize, handle: AnyHandle) -> Result<u32> {
        let index = u32::try_from(self.handles.len())?;
        self.handles.push(ImageHandle { place, handle });
        Ok(index)
    }

    pub(super) fn held(&self, index: u32) -> Result<&AnyHandle> {
        let found = self.handles.get(index as usize);
        found.map(|found| &found.handle).ok_or_else(misplaced)
    }
}

/// An internal error: both ends have the same types, so it should not occur.
fn misplaced() -> wasmtime::Error {
    format_err!("the values are of other types than the function's")
}

impl fmt::Debug for AbiImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "({} bytes, {} handles)",
            self.bytes.len(),
            self.handles.len()
        )
    }
}
