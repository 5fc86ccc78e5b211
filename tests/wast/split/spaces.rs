//! The contents of a component's index spaces.

use std::ops::Range;

use anyhow::Result;
use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentDefinedType, ComponentExternalKind as Kind,
    ComponentInstance, ComponentOuterAliasKind as OuterKind, ComponentType, ComponentValType,
    FromReader, Payload, SectionLimited,
};

use super::sections::{item_ranges, sections};

/// A name for something in an index space: an argument of an instantiation, or one of
/// the exports that an instance is put together of.
#[derive(Clone, Debug)]
pub(super) struct Item<'a> {
    pub(super) name: &'a str,
    pub(super) kind: Kind,
    pub(super) index: u32,
}

/// How an index came to be.
#[derive(Clone, Debug)]
pub(super) enum Definition<'a> {
    Import(&'a str),
    /// An alias of what an instance exports.
    InstanceExport {
        instance: u32,
        name: &'a str,
    },
    /// An alias of what the component around this one has.
    Outer,
    /// An export is also a definition, of the same again.
    Export {
        of: u32,
    },
    /// An instance of a component.
    Instantiated {
        component: u32,
        arguments: Vec<Item<'a>>,
    },
    /// An instance that is put together of other things.
    Exports(Vec<Item<'a>>),
    /// A component, module or core type that stands here.
    Inline(Range<usize>),
    Type {
        content: Range<usize>,
        sort: TypeSort,
    },
    /// A function that this component itself implements.
    Lifted,
}

/// What may become of a type when a component is taken out of the one around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TypeSort {
    /// It is a resource: there is one of it, wherever it is named.
    Resource,
    /// It mentions no other type, so it may be written elsewhere as it is.
    Alone,
    /// It mentions others by their index.
    Mentions,
}

/// The index spaces of a component, its imports and its exports.
#[derive(Default)]
pub(super) struct Spaces<'a> {
    functions: Vec<Definition<'a>>,
    instances: Vec<Definition<'a>>,
    components: Vec<Definition<'a>>,
    types: Vec<Definition<'a>>,
    modules: Vec<Definition<'a>>,
    values: Vec<Definition<'a>>,
    core_types: Vec<Definition<'a>>,
    pub(super) imports: Vec<(&'a str, Kind)>,
    /// Each with the index that it has as an export.
    pub(super) exports: Vec<Item<'a>>,
}

impl<'a> Spaces<'a> {
    /// Reads a component.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut spaces = Spaces::default();
        for section in sections(bytes)? {
            let content = section.content;
            match section.payload {
                Payload::ModuleSection { .. } => {
                    spaces.modules.push(Definition::Inline(content));
                }
                Payload::ComponentSection { .. } => {
                    spaces.components.push(Definition::Inline(content));
                }
                Payload::CoreTypeSection(types) => {
                    for (content, _) in with_ranges(types, content.end)? {
                        spaces.core_types.push(Definition::Inline(content));
                    }
                }
                Payload::ComponentTypeSection(types) => {
                    for (content, ty) in with_ranges(types, content.end)? {
                        let sort = sort(&ty);
                        spaces.types.push(Definition::Type { content, sort });
                    }
                }
                Payload::ComponentAliasSection(aliases) => {
                    for alias in aliases {
                        spaces.alias(alias?);
                    }
                }
                Payload::ComponentCanonicalSection(functions) => {
                    for function in functions {
                        if let CanonicalFunction::Lift { .. } = function? {
                            spaces.functions.push(Definition::Lifted);
                        }
                    }
                }
                Payload::ComponentImportSection(imports) => {
                    for import in imports {
                        let import = import?;
                        let (name, kind) = (import.name.name, import.ty.kind());
                        spaces.imports.push((name, kind));
                        spaces.define(kind, Definition::Import(name));
                    }
                }
                Payload::ComponentInstanceSection(instances) => {
                    for instance in instances {
                        spaces.instances.push(instantiated(instance?));
                    }
                }
                Payload::ComponentExportSection(exports) => {
                    for export in exports {
                        let export = export?;
                        let of = export.index;
                        let item = Item {
                            name: export.name.name,
                            kind: export.kind,
                            index: spaces.len(export.kind),
                        };
                        spaces.exports.push(item);
                        spaces.define(export.kind, Definition::Export { of });
                    }
                }
                _ => {}
            }
        }
        Ok(spaces)
    }

    /// All definitions of a kind, by their index.
    pub(super) fn of(&self, kind: Kind) -> &[Definition<'a>] {
        match kind {
            Kind::Func => &self.functions,
            Kind::Instance => &self.instances,
            Kind::Component => &self.components,
            Kind::Type => &self.types,
            Kind::Module => &self.modules,
            Kind::Value => &self.values,
        }
    }

    /// What an alias in a component inside of this one means.
    pub(super) fn outer(&self, kind: OuterKind, index: u32) -> Option<&Definition<'a>> {
        let space = match kind {
            OuterKind::CoreModule => &self.modules,
            OuterKind::CoreType => &self.core_types,
            OuterKind::Type => &self.types,
            OuterKind::Component => &self.components,
        };
        space.get(index as usize)
    }

    /// How many indices of a kind there are.
    pub(super) fn len(&self, kind: Kind) -> u32 {
        self.of(kind).len() as u32
    }

    fn define(&mut self, kind: Kind, definition: Definition<'a>) {
        let space = match kind {
            Kind::Func => &mut self.functions,
            Kind::Instance => &mut self.instances,
            Kind::Component => &mut self.components,
            Kind::Type => &mut self.types,
            Kind::Module => &mut self.modules,
            Kind::Value => &mut self.values,
        };
        space.push(definition);
    }

    fn alias(&mut self, alias: ComponentAlias<'a>) {
        match alias {
            ComponentAlias::InstanceExport {
                kind,
                instance_index: instance,
                name,
            } => self.define(kind, Definition::InstanceExport { instance, name }),
            ComponentAlias::Outer { kind, .. } => match kind {
                OuterKind::CoreModule => self.modules.push(Definition::Outer),
                OuterKind::CoreType => self.core_types.push(Definition::Outer),
                OuterKind::Type => self.types.push(Definition::Outer),
                OuterKind::Component => self.components.push(Definition::Outer),
            },
            ComponentAlias::CoreInstanceExport { .. } => {}
        }
    }
}

/// The items of a section, each with where its bytes are.
pub(super) fn with_ranges<'a, T: FromReader<'a>>(
    section: SectionLimited<'a, T>,
    end: usize,
) -> Result<Vec<(Range<usize>, T)>> {
    let (mut starts, mut items) = (Vec::new(), Vec::new());
    for item in section.into_iter_with_offsets() {
        let (start, item) = item?;
        starts.push(start);
        items.push(item);
    }
    Ok(item_ranges(&starts, end).into_iter().zip(items).collect())
}

fn instantiated(instance: ComponentInstance<'_>) -> Definition<'_> {
    match instance {
        ComponentInstance::Instantiate {
            component_index: component,
            args,
        } => Definition::Instantiated {
            component,
            arguments: args
                .iter()
                .map(|argument| Item {
                    name: argument.name,
                    kind: argument.kind,
                    index: argument.index,
                })
                .collect(),
        },
        ComponentInstance::FromExports(exports) => Definition::Exports(
            exports
                .iter()
                .map(|export| Item {
                    name: export.name.name,
                    kind: export.kind,
                    index: export.index,
                })
                .collect(),
        ),
    }
}

fn sort(ty: &ComponentType<'_>) -> TypeSort {
    let is_primitive = |ty: &ComponentValType| matches!(ty, ComponentValType::Primitive(_));
    let is_optional = |ty: &Option<ComponentValType>| ty.as_ref().is_none_or(is_primitive);
    let is_alone = match ty {
        ComponentType::Resource { .. } => return TypeSort::Resource,
        ComponentType::Func(function) => {
            let mut params = function.params.iter();
            params.all(|(_, ty)| is_primitive(ty)) && is_optional(&function.result)
        }
        ComponentType::Defined(defined) => match defined {
            ComponentDefinedType::Primitive(_)
            | ComponentDefinedType::Flags(_)
            | ComponentDefinedType::Enum(_) => true,
            ComponentDefinedType::List(ty)
            | ComponentDefinedType::Option(ty)
            | ComponentDefinedType::FixedLengthList(ty, _) => is_primitive(ty),
            ComponentDefinedType::Map(key, value) => is_primitive(key) && is_primitive(value),
            ComponentDefinedType::Record(fields) => fields.iter().all(|(_, ty)| is_primitive(ty)),
            ComponentDefinedType::Tuple(types) => types.iter().all(is_primitive),
            ComponentDefinedType::Variant(cases) => cases.iter().all(|case| is_optional(&case.ty)),
            ComponentDefinedType::Result { ok, err } => is_optional(ok) && is_optional(err),
            ComponentDefinedType::Future(ty) | ComponentDefinedType::Stream(ty) => is_optional(ty),
            _ => false,
        },
        _ => false,
    };
    match is_alone {
        true => TypeSort::Alone,
        false => TypeSort::Mentions,
    }
}
