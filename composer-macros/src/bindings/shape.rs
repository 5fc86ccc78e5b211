//! The contents of each WIT type, computed once per type.

use std::collections::{BTreeSet, HashMap, HashSet};

use wit_parser::{Function, Handle, Resolve, Type, TypeDefKind, TypeId};

/// The longest tuple that typed calls support.
const LONGEST_TUPLE: usize = 16;

/// What a type contains at any depth.
#[derive(Clone, Debug, Default)]
pub(crate) struct TypeShape {
    /// The resources, each by its definition, also those in the items of streams.
    pub(crate) resources: BTreeSet<TypeId>,
    /// Whether some of them are borrowed.
    pub(crate) is_lent: bool,
    /// Whether some of them are in a record or a variant.
    pub(crate) in_compound: bool,
    /// Whether it contains streams or futures.
    pub(crate) has_streams: bool,
    pub(crate) has_floats: bool,
    /// What it contains that typed calls do not support, in words.
    pub(crate) unsupported: Option<&'static str>,
}

impl TypeShape {
    /// Whether its values are the same inside and outside of a store.
    pub(crate) fn is_plain(&self) -> bool {
        !self.has_resources() && !self.has_streams
    }

    pub(crate) fn has_resources(&self) -> bool {
        !self.resources.is_empty()
    }

    fn add(&mut self, other: &TypeShape) {
        self.resources.extend(&other.resources);
        self.is_lent |= other.is_lent;
        self.in_compound |= other.in_compound;
        self.has_streams |= other.has_streams;
        self.has_floats |= other.has_floats;
        self.unsupported = self.unsupported.or(other.unsupported);
    }
}

/// The shapes of all types.
pub(crate) struct TypeShapes {
    known: HashMap<TypeId, TypeShape>,
}

impl TypeShapes {
    pub(crate) fn new(resolve: &Resolve) -> Self {
        let mut shapes = TypeShapes {
            known: HashMap::new(),
        };
        for (id, _) in resolve.types.iter() {
            shapes.find(resolve, id);
        }
        shapes
    }

    pub(crate) fn of(&self, ty: &Type) -> TypeShape {
        match ty {
            Type::Id(id) => self.known.get(id).cloned().unwrap_or_default(),
            other => leaf(other),
        }
    }

    /// The shape of a function's parameters and result together.
    pub(crate) fn of_function(&self, function: &Function) -> TypeShape {
        let mut all = TypeShape::default();
        for ty in function.parameter_and_result_types() {
            all.add(&self.of(&ty));
        }
        all
    }

    fn find(&mut self, resolve: &Resolve, id: TypeId) -> TypeShape {
        if let Some(known) = self.known.get(&id) {
            return known.clone();
        }
        let mut shape = TypeShape::default();
        let kind = &resolve.types[id].kind;
        match kind {
            TypeDefKind::Resource => {
                shape.resources.insert(id);
            }
            TypeDefKind::Handle(Handle::Own(resource) | Handle::Borrow(resource)) => {
                shape.resources.insert(root(resolve, *resource));
                shape.is_lent = matches!(kind, TypeDefKind::Handle(Handle::Borrow(_)));
            }
            TypeDefKind::Future(_) | TypeDefKind::Stream(_) => shape.has_streams = true,
            TypeDefKind::Map(..) => shape.unsupported = Some("a `map`"),
            TypeDefKind::Unknown => shape.unsupported = Some("a type that is not known"),
            TypeDefKind::Tuple(tuple) if tuple.types.len() > LONGEST_TUPLE => {
                shape.unsupported = Some("a tuple of more than 16 values");
            }
            _ => {}
        }
        for part in parts(kind) {
            let part = match part {
                Type::Id(id) => self.find(resolve, id),
                other => leaf(&other),
            };
            // No component can have a stream of borrowed resources, though WIT allows it.
            if part.is_lent && matches!(kind, TypeDefKind::Future(_) | TypeDefKind::Stream(_)) {
                shape.unsupported = Some("a stream of borrowed resources");
            }
            shape.add(&part);
        }
        let is_compound = matches!(kind, TypeDefKind::Record(_) | TypeDefKind::Variant(_));
        shape.in_compound |= is_compound && shape.has_resources();
        self.known.insert(id, shape.clone());
        shape
    }
}

fn leaf(ty: &Type) -> TypeShape {
    TypeShape {
        has_floats: matches!(ty, Type::F32 | Type::F64),
        unsupported: matches!(ty, Type::ErrorContext).then_some("an `error-context`"),
        ..TypeShape::default()
    }
}

/// The types that a type directly contains, the items of a stream among them.
pub(crate) fn parts(kind: &TypeDefKind) -> Vec<Type> {
    match kind {
        TypeDefKind::Record(record) => record.fields.iter().map(|field| field.ty).collect(),
        TypeDefKind::Variant(variant) => variant.cases.iter().filter_map(|case| case.ty).collect(),
        TypeDefKind::Tuple(tuple) => tuple.types.clone(),
        TypeDefKind::Result(result) => result.ok.into_iter().chain(result.err).collect(),
        TypeDefKind::Future(item) | TypeDefKind::Stream(item) => item.iter().copied().collect(),
        TypeDefKind::Option(ty)
        | TypeDefKind::List(ty)
        | TypeDefKind::FixedLengthList(ty, _)
        | TypeDefKind::Type(ty) => vec![*ty],
        _ => Vec::new(),
    }
}

/// The definition that a type is an alias of.
pub(crate) fn root(resolve: &Resolve, mut id: TypeId) -> TypeId {
    while let TypeDefKind::Type(Type::Id(aliased)) = &resolve.types[id].kind {
        id = *aliased;
    }
    id
}

/// The definitions of the types that are the error of some `result`.
pub(crate) fn errors<'f>(
    resolve: &Resolve,
    functions: impl IntoIterator<Item = &'f Function>,
) -> HashSet<TypeId> {
    let mut errors = HashSet::new();
    let mut seen = HashSet::new();
    let mut open: Vec<Type> = functions
        .into_iter()
        .flat_map(Function::parameter_and_result_types)
        .collect();
    while let Some(ty) = open.pop() {
        let Type::Id(id) = ty else { continue };
        if !seen.insert(id) {
            continue;
        }
        let kind = &resolve.types[id].kind;
        if let TypeDefKind::Result(result) = kind
            && let Some(Type::Id(error)) = result.err
        {
            errors.insert(root(resolve, error));
        }
        open.extend(parts(kind));
    }
    errors
}
