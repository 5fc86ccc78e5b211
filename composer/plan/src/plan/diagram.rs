//! A plan as diagrams: boxes and arrows, for Graphviz and Mermaid.

use crate::Name;
use crate::plan::brief::{BriefLink, brief};
use crate::plan::{Link, Plan, PlannedComponent, Source};

impl Plan {
    /// The components and their links as a Graphviz graph.
    ///
    /// Arrows go from the importer to the provider. A frame encloses the members of a
    /// fused group.
    pub fn to_dot(&self) -> String {
        let mut dot = String::from("digraph composition {\n  rankdir=LR;\n  node [shape=box];\n");
        for node in self.nodes() {
            let label = dot_text(&node.label);
            let style = match node.kind {
                NodeKind::Component | NodeKind::Group(_) => "",
                NodeKind::Open => ", shape=cds",
                NodeKind::Host => ", shape=plain",
            };
            let NodeKind::Group(members) = &node.kind else {
                dot.push_str(&format!("  {} [label={label}{style}];\n", node.id));
                continue;
            };
            dot.push_str(&format!(
                "  subgraph cluster_{} {{\n    label={label};\n",
                node.id
            ));
            for member in members {
                let label = dot_text(&member.label);
                dot.push_str(&format!("    {} [label={label}];\n", member.id));
            }
            dot.push_str("  }\n");
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
    /// Arrows go from the importer to the provider. A frame encloses the members of a
    /// fused group.
    pub fn to_mermaid(&self) -> String {
        let mut chart = String::from("flowchart LR\n");
        for node in self.nodes() {
            let label = mermaid_text(&node.label);
            let (open, close) = match node.kind {
                NodeKind::Component | NodeKind::Group(_) => ("[", "]"),
                NodeKind::Open => (">", "]"),
                NodeKind::Host => ("([", "])"),
            };
            let NodeKind::Group(members) = &node.kind else {
                chart.push_str(&format!("  {}{open}{label}{close}\n", node.id));
                continue;
            };
            chart.push_str(&format!("  subgraph {}{open}{label}{close}\n", node.id));
            for member in members {
                let label = mermaid_text(&member.label);
                chart.push_str(&format!("    {}[{label}]\n", member.id));
            }
            chart.push_str("  end\n");
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
        let component = |(i, component): (usize, &PlannedComponent)| {
            let Some(group) = members(component) else {
                return node(format!("c{i}"), &component.name, NodeKind::Component);
            };
            let members = group.components.iter().enumerate();
            let members =
                members.map(|(m, c)| node(format!("c{i}_{m}"), &c.name, NodeKind::Component));
            let label = format!("{} (fused)", component.name);
            node(format!("c{i}"), &label, NodeKind::Group(members.collect()))
        };
        let components = self.components.iter().enumerate();
        let mut nodes: Vec<DiagramNode> = components.map(component).collect();
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
        let mut edges = Vec::new();
        for (i, component) in self.components.iter().enumerate() {
            if let Some(group) = members(component) {
                edges.extend(inside(i, group));
            }
            // The arrows of a group begin at its members.
            let links = match members(component) {
                Some(_) => component.links.iter().map(BriefLink::One).collect(),
                None => brief(&component.links),
            };
            for link in links {
                let link = match link {
                    BriefLink::One(link) => link,
                    BriefLink::Wasi(several) => {
                        edges.push(DiagramEdge {
                            from: format!("c{i}"),
                            to: format!("h{i}"),
                            label: several.to_string(),
                        });
                        continue;
                    }
                };
                let to = match &link.source {
                    Source::Component { index, export, .. } => self.provider(*index, export),
                    Source::Open { index } => format!("o{index}"),
                    Source::Host => format!("h{i}"),
                    Source::Nothing => continue,
                };
                let importers = importers(i, component, link).into_iter();
                edges.extend(importers.map(|from| DiagramEdge {
                    from,
                    to: to.clone(),
                    label: link.import.to_string(),
                }));
            }
        }
        edges
    }

    /// The box of the component that has an export; for a group, of the member that has
    /// it.
    fn provider(&self, index: usize, export: &Name) -> String {
        let member = self.components.get(index).and_then(|component| {
            let group = members(component)?;
            let export = group.exports.iter().find(|e| e.name == *export)?;
            let owner = export.components.first()?;
            group.components.iter().position(|c| c.name == *owner)
        });
        match member {
            Some(member) => format!("c{index}_{member}"),
            None => format!("c{index}"),
        }
    }
}

/// The plan of the members, if the component is a fused group.
fn members(component: &PlannedComponent) -> Option<&Plan> {
    component.fused.as_deref()
}

/// The arrows between the members of a group.
fn inside(i: usize, group: &Plan) -> impl Iterator<Item = DiagramEdge> {
    let components = group.components.iter().enumerate();
    let links = components.flat_map(|(m, c)| c.links.iter().map(move |link| (m, link)));
    links.filter_map(move |(member, link)| match &link.source {
        Source::Component { index, .. } => Some(DiagramEdge {
            from: format!("c{i}_{member}"),
            to: format!("c{i}_{index}"),
            label: link.import.to_string(),
        }),
        _ => None,
    })
}

/// The boxes that need an import of a component; for a group, those of the members that
/// leave it open.
fn importers(i: usize, component: &PlannedComponent, link: &Link) -> Vec<String> {
    let open = members(component).and_then(|group| {
        let open = group.open_imports.iter().find(|o| o.name == link.import)?;
        let needs = |name: &String| group.components.iter().position(|c| c.name == *name);
        let needed_by = open.needed_by.iter().filter_map(needs);
        Some(needed_by.map(|member| format!("c{i}_{member}")).collect())
    });
    open.unwrap_or_else(|| vec![format!("c{i}")])
}

struct DiagramNode {
    id: String,
    label: String,
    kind: NodeKind,
}

enum NodeKind {
    Component,
    /// A fused group, with its members.
    Group(Vec<DiagramNode>),
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

/// A quoted string of Mermaid, with entities in place of characters that could end it or
/// be taken for markup.
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
