//! A plan as text and as JSON.

use std::fmt::{self, Write as _};

use crate::plan::brief::{BriefLink, brief};
use crate::plan::{ExportKind, Link, Plan, Source};

/// In the alternate form (`{:#}`), interfaces of WASI stand in lines of their own, too.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "components, in start order")?;
        self.write_components(f, "  ")?;
        if !self.exports.is_empty() {
            writeln!(f, "exports")?;
        }
        for export in &self.exports {
            write!(f, "  {} {} ← ", export.kind, export.name)?;
            match &export.components[..] {
                [only] => writeln!(f, "{only}")?,
                several => writeln!(f, "ambiguous: {}", several.join(", "))?,
            }
        }
        if !self.open_imports.is_empty() {
            writeln!(f, "imports")?;
        }
        for open in &self.open_imports {
            writeln!(f, "  {} → {}", open.name, open.needed_by.join(", "))?;
        }
        Ok(())
    }
}

impl Plan {
    /// The components and where their imports come from, a line each.
    fn write_components(&self, f: &mut fmt::Formatter<'_>, indent: &str) -> fmt::Result {
        for component in &self.components {
            writeln!(f, "{indent}{}", component.name)?;
            let links = match f.alternate() {
                true => component.links.iter().map(BriefLink::One).collect(),
                false => brief(&component.links),
            };
            for link in links {
                let link = match link {
                    BriefLink::One(link) => link,
                    BriefLink::Wasi(several) => {
                        writeln!(f, "{indent}  {several} ← its linker")?;
                        continue;
                    }
                };
                write!(f, "{indent}  {} ← ", link.import)?;
                self.write_source(f, link)?;
                f.write_char('\n')?;
                for refused in &link.refused {
                    let function = refused.function.as_deref();
                    writeln!(
                        f,
                        "{indent}    refused: {}, {} has the type {}",
                        function.unwrap_or(link.import.as_str()),
                        refused.path,
                        refused.ty
                    )?;
                }
            }
            if let Some(group) = &component.fused {
                writeln!(f, "{indent}  fused of")?;
                group.write_components(f, &format!("{indent}    "))?;
            }
        }
        Ok(())
    }

    fn write_source(&self, f: &mut fmt::Formatter<'_>, link: &Link) -> fmt::Result {
        match &link.source {
            Source::Component {
                component, export, ..
            } => {
                write!(f, "{component}")?;
                if *export != link.import {
                    write!(f, " ({export})")?;
                }
                Ok(())
            }
            Source::Host => f.write_str("its linker"),
            Source::Open { index } => {
                f.write_str("outside")?;
                if let Some(open) = self.open_imports.get(*index)
                    && open.name != link.import
                {
                    write!(f, " ({})", open.name)?;
                }
                Ok(())
            }
            Source::Nothing => f.write_str("nothing, only plain types"),
        }
    }
}

impl fmt::Display for ExportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ExportKind::Func => "func",
            ExportKind::Interface => "interface",
        })
    }
}

impl Plan {
    /// The whole plan as JSON, indented.
    pub fn to_json(&self) -> String {
        // Serialization fails only for a map whose keys are not strings, or if a
        // `Serialize` fails; a plan has neither.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}
