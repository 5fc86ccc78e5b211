//! A plan as text, JSON and diagrams.

use std::fmt::{self, Write as _};

use super::{ExportKind, Plan, PlannedComponent, Source};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "components, in start order")?;
        for component in &self.components {
            writeln!(f, "  {}", component.name)?;
            for link in &component.links {
                write!(f, "    {} ← ", link.import)?;
                match &link.source {
                    Source::Component {
                        component, export, ..
                    } => {
                        write!(f, "{component}")?;
                        if *export != link.import {
                            write!(f, " ({export})")?;
                        }
                    }
                    Source::Host => f.write_str("its linker")?,
                    Source::Open { index } => {
                        f.write_str("outside")?;
                        if let Some(open) = self.open_imports.get(*index)
                            && open.name != link.import
                        {
                            write!(f, " ({})", open.name)?;
                        }
                    }
                    Source::Nothing => f.write_str("nothing, only plain types")?,
                }
                f.write_char('\n')?;
            }
        }
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
        // Only a map with keys that are not strings, or a failing `Serialize`,
        // could make this an error; a plan has neither.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The components and their links as a Graphviz graph.
    ///
    /// Arrows go from the importer to the provider.
    pub fn to_dot(&self) -> String {
        let mut dot = String::from("digraph composition {\n  rankdir=LR;\n  node [shape=box];\n");
        for diagram in self.nodes() {
            let style = match diagram.kind {
                NodeKind::Component => "",
                NodeKind::Open => ", shape=cds",
                NodeKind::Host => ", shape=plain",
            };
            let label = dot_text(&diagram.label);
            dot.push_str(&format!("  {} [label={label}{style}];\n", diagram.id));
        }
        for edge in self.edges() {
            let label = dot_text(&edge.label);
            dot.push_str(&format!(
                "  {} -> {} [label={label}];\n",
                edge.from, edge.to
            ));
        }
        dot.push_str("}\n");
        dot
    }

    /// The components and their links as a Mermaid flowchart.
    ///
    /// Arrows go from the importer to the provider.
    pub fn to_mermaid(&self) -> String {
        let mut chart = String::from("flowchart LR\n");
        for node in self.nodes() {
            let label = mermaid_text(&node.label);
            let (open, close) = match node.kind {
                NodeKind::Component => ("[", "]"),
                NodeKind::Open => (">", "]"),
                NodeKind::Host => ("([", "])"),
            };
            chart.push_str(&format!("  {}{open}{label}{close}\n", node.id));
        }
        for edge in self.edges() {
            let label = mermaid_text(&edge.label);
            chart.push_str(&format!("  {} -->|{label}| {}\n", edge.from, edge.to));
        }
        chart
    }

    /// The boxes of a diagram.
    fn nodes(&self) -> Vec<DiagramNode> {
        let node = |id, label: &str, kind| DiagramNode {
            id,
            label: label.to_owned(),
            kind,
        };
        let components = self.components.iter().enumerate();
        let mut nodes: Vec<DiagramNode> = components
            .map(|(i, c)| node(format!("c{i}"), &c.name, NodeKind::Component))
            .collect();
        let open = self.open_imports.iter().enumerate();
        nodes.extend(open.map(|(i, o)| node(format!("o{i}"), o.name.as_str(), NodeKind::Open)));
        for (i, component) in self.components.iter().enumerate() {
            if component
                .links
                .iter()
                .any(|link| link.source == Source::Host)
            {
                nodes.push(node(format!("h{i}"), "linker", NodeKind::Host));
            }
        }
        nodes
    }

    /// The arrows of a diagram.
    fn edges(&self) -> Vec<DiagramEdge> {
        let edges = |(i, component): (usize, &PlannedComponent)| {
            let from = format!("c{i}");
            let edge = |link: &super::Link| {
                let to = match &link.source {
                    Source::Component { index, .. } => format!("c{index}"),
                    Source::Open { index } => format!("o{index}"),
                    Source::Host => format!("h{i}"),
                    Source::Nothing => return None,
                };
                let (from, label) = (from.clone(), link.import.to_string());
                Some(DiagramEdge { from, to, label })
            };
            component.links.iter().filter_map(edge).collect::<Vec<_>>()
        };
        self.components.iter().enumerate().flat_map(edges).collect()
    }
}

struct DiagramNode {
    id: String,
    label: String,
    kind: NodeKind,
}

enum NodeKind {
    Component,
    Open,
    Host,
}

struct DiagramEdge {
    from: String,
    to: String,
    label: String,
}

/// A quoted string of the DOT language.
fn dot_text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A quoted string of Mermaid, in which entities stand for all that could end
/// it or be taken for markup.
fn mermaid_text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | '\n' => {
                quoted.push_str(&format!("#{};", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
