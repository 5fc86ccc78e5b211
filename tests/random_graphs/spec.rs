//! The specification of a random composition.

/// A composition to be.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    /// In the order in which they are added.
    pub(super) parts: Vec<Part>,
    /// `(export, component)`
    pub(super) export_hints: Vec<(String, String)>,
}

/// A component. Each of its exports makes use of all of its imports.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) name: String,
    /// Makes its answers differ from everybody else's.
    pub(super) salt: u32,
    pub(super) imports: Vec<Import>,
    pub(super) exports: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Import {
    pub(super) name: String,
    pub(super) wish: Wish,
}

/// What the embedder says about an import.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    Nothing,
    /// The component's own linker defines it.
    Linker,
    Hint(String),
}

impl Spec {
    pub(super) fn part(&self, name: &str) -> &Part {
        self.parts.iter().find(|part| part.name == name).unwrap()
    }

    /// The same, built in another order.
    pub(super) fn reordered(&self) -> Spec {
        let mut other = self.clone();
        other.parts.sort_by_key(|part| part.salt);
        if self.parts.is_sorted_by_key(|part| part.salt) {
            other.parts.reverse();
        }
        other.export_hints.reverse();
        other
    }
}

impl Part {
    /// What an export adds to its argument.
    pub(super) fn constant(&self, export: &str) -> u32 {
        let index = self.exports.iter().position(|name| name == export).unwrap();
        self.salt + 1 + index as u32
    }

    /// What the component's own linker answers, whatever the import.
    pub(super) fn host(salt: u32, x: u32) -> u32 {
        x.wrapping_mul(31) ^ salt
    }
}
