//! Test cases: random types, and the properties of the guests that pass them.

use std::fmt::{self, Write};

use composer::Type;
use composer::plan::ResourceId;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use wit_component::StringEncoding;

use super::layout::{MAX_SLOTS, flat};

/// Two guests that pass values on: `relay` imports what `echo` exports, and
/// exports it again.
#[derive(Clone, Debug)]
pub(super) struct Spec {
    /// How strings are encoded in `echo` and in `relay`.
    pub(super) encodings: [Encoding; 2],
    pub(super) functions: Vec<Function>,
    /// Where the random values of the functions start from.
    pub(super) seed: u64,
}

/// A function that returns those of its arguments that lend nothing. If it
/// keeps any back, it says last which resources were in them.
#[derive(Clone)]
pub(super) struct Function {
    pub(super) is_async: bool,
    /// Of an `async` function: whether `echo` lifts it with a callback, and
    /// whether `relay` lowers it without waiting.
    pub(super) callback: bool,
    pub(super) no_wait: bool,
    pub(super) params: Vec<Type>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16,
    Latin1,
}

impl From<Encoding> for StringEncoding {
    fn from(encoding: Encoding) -> Self {
        match encoding {
            Encoding::Utf8 => StringEncoding::UTF8,
            Encoding::Utf16 => StringEncoding::UTF16,
            Encoding::Latin1 => StringEncoding::CompactUTF16,
        }
    }
}

/// What its WIT does not show, which comes with a failure, too.
impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function")
            .field("callback", &self.callback)
            .field("no_wait", &self.no_wait)
            .finish_non_exhaustive()
    }
}

impl Function {
    /// Whether the function returns this argument.
    pub(super) fn returns(param: &Type) -> bool {
        !param.any(&mut |ty| matches!(ty, Type::Borrow(_)))
    }

    /// Whether it says which resources were in the others.
    pub(super) fn tells(&self) -> bool {
        !self.params.iter().all(Function::returns)
    }

    pub(super) fn result(&self) -> Type {
        let mut types: Vec<Type> = self.params.to_vec();
        types.retain(Function::returns);
        if self.tells() {
            types.push(Type::U32);
        }
        match types.len() {
            1 => types.remove(0),
            _ => Type::Tuple(types.into()),
        }
    }

    /// Whether composer can carry its values in bulk.
    pub(super) fn is_bulk(&self) -> bool {
        let slots: usize = self.params.iter().map(|ty| flat(ty).len()).sum();
        let results = flat(&self.result()).len();
        let mut bulk = |ty: &Type| {
            matches!(
                ty,
                Type::String | Type::List(_) | Type::FixedLengthList(..) | Type::Map(..)
            )
        };
        let fits = |slots| slots <= 8 || slots > MAX_SLOTS;
        self.params.iter().any(|ty| ty.any(&mut bulk))
            && fits(slots)
            && (!self.is_async || fits(results))
    }
}

/// Specs with this many functions at most.
pub(super) fn specs(functions: usize) -> impl Strategy<Value = Spec> {
    let encoding = || {
        prop_oneof![
            3 => Just(Encoding::Utf8),
            1 => Just(Encoding::Utf16),
            1 => Just(Encoding::Latin1),
        ]
    };
    let seed = any::<u64>().no_shrink();
    (
        [encoding(), encoding()],
        vec(function(), 1..=functions),
        seed,
    )
        .prop_map(|(encodings, functions, seed)| Spec {
            encodings,
            functions,
            seed,
        })
}

fn function() -> impl Strategy<Value = Function> {
    let listed = types().prop_map(|ty| Type::List(ty.into()));
    let first = prop_oneof![3 => listed, 1 => Just(Type::String), 1 => types()];
    let params = (first, vec(types(), 0..3), any::<bool>()).prop_map(|(first, mut rest, last)| {
        rest.insert(if last { rest.len() } else { 0 }, first);
        rest
    });
    (any::<[bool; 3]>(), params).prop_map(|(flags, params)| Function {
        is_async: flags[0],
        callback: flags[1],
        no_wait: flags[2],
        params,
    })
}

/// Any type that `composer` carries.
pub(super) fn types() -> impl Strategy<Value = Type> {
    let numbers = select(vec![
        Type::Bool,
        Type::S8,
        Type::U8,
        Type::S16,
        Type::U16,
        Type::S32,
        Type::U32,
        Type::S64,
        Type::U64,
        Type::F32,
        Type::F64,
    ]);
    let resources = select(vec![
        Type::Own(ResourceId(0)),
        Type::Own(ResourceId(0)),
        Type::Borrow(ResourceId(0)),
    ]);
    let names = |n: usize| (0..n).map(|i| format!("n{i}")).collect::<Vec<_>>();
    // On both sides of where they need more room.
    let enums = select(vec![1, 2, 3, 255, 256, 257, 300]).prop_map(names);
    let flags = select(vec![1, 2, 7, 8, 9, 15, 16, 17, 31, 32]).prop_map(names);
    let leaf = prop_oneof![
        6 => numbers,
        1 => Just(Type::Char),
        2 => Just(Type::String),
        2 => resources,
        1 => enums.prop_map(|names| Type::Enum(names.into())),
        1 => flags.prop_map(|names| Type::Flags(names.into())),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let maybe = || option::of(inner.clone());
        let record = vec(inner.clone(), 1..5).prop_map(|types| {
            let fields = types.into_iter().enumerate();
            Type::Record(fields.map(|(i, ty)| (format!("f{i}"), ty)).collect())
        });
        // Now and then so many cases that a byte does not tell them apart.
        let filler = prop_oneof![9 => Just(0), 1 => Just(255usize)];
        let variant = (vec(maybe(), 1..5), filler).prop_map(|(mut cases, filler)| {
            cases.extend(std::iter::repeat_n(None, filler));
            let cases = cases.into_iter().enumerate();
            Type::Variant(cases.map(|(i, ty)| (format!("c{i}"), ty)).collect())
        });
        prop_oneof![
            3 => inner.clone().prop_map(|ty| Type::List(ty.into())),
            2 => (keys(), inner.clone()).prop_map(|(k, v)| Type::Map(k.into(), v.into())),
            2 => (inner.clone(), 1..4u32).prop_map(|(ty, n)| Type::FixedLengthList(ty.into(), n)),
            2 => inner.clone().prop_map(|ty| Type::Option(ty.into())),
            2 => record,
            2 => vec(inner.clone(), 1..5).prop_map(|types| Type::Tuple(types.into())),
            2 => variant,
            2 => (maybe(), maybe()).prop_map(|sides| Type::Result(sides.into())),
        ]
    })
}

/// The types that keys of maps can have.
fn keys() -> impl Strategy<Value = Type> {
    select(vec![
        Type::Bool,
        Type::S8,
        Type::U8,
        Type::S16,
        Type::U16,
        Type::S32,
        Type::U32,
        Type::S64,
        Type::U64,
        Type::Char,
        Type::String,
    ])
}

/// The package of a spec, with a world for each guest.
pub(super) fn wit(spec: &Spec) -> String {
    let mut names = Names::default();
    let mut functions = String::new();
    for (i, function) in spec.functions.iter().enumerate() {
        let params = function.params.iter().enumerate();
        let params = params.map(|(j, ty)| format!("p{j}: {}", names.of(ty)));
        let params = params.collect::<Vec<_>>().join(", ");
        let result = names.of(&function.result());
        let keyword = if function.is_async { "async " } else { "" };
        writeln!(functions, "    f{i}: {keyword}func({params}) -> {result};").unwrap();
    }
    let arm = "arm: func(kind: u32, at: u32, number: u32); given: func() -> u32;";
    let types = names.types;
    format!(
        "package test:fuzz;
interface things {{
    resource thing {{
        constructor(number: u32);
        number: func() -> u32;
    }}
    live: func() -> u32;
}}
interface echo {{
    use things.{{thing}};
{types}{functions}}}
interface echo-faults {{ {arm} }}
interface relay-faults {{ {arm} }}
world maker {{ export things; }}
world echo-world {{ import things; export echo; export echo-faults; }}
world relay-world {{ import things; import echo; export echo; export relay-faults; }}
"
    )
}

/// WIT wants names for some types.
#[derive(Default)]
pub(super) struct Names {
    pub(super) types: String,
    count: usize,
}

impl Names {
    pub(super) fn of(&mut self, ty: &Type) -> String {
        match ty {
            Type::Bool => "bool".into(),
            Type::S8 => "s8".into(),
            Type::U8 => "u8".into(),
            Type::S16 => "s16".into(),
            Type::U16 => "u16".into(),
            Type::S32 => "s32".into(),
            Type::U32 => "u32".into(),
            Type::S64 => "s64".into(),
            Type::U64 => "u64".into(),
            Type::F32 => "f32".into(),
            Type::F64 => "f64".into(),
            Type::Char => "char".into(),
            Type::String => "string".into(),
            Type::Own(_) => "thing".into(),
            Type::Borrow(_) => "borrow<thing>".into(),
            Type::List(ty) => format!("list<{}>", self.of(ty)),
            Type::FixedLengthList(ty, len) => format!("list<{}, {len}>", self.of(ty)),
            Type::Map(key, value) => format!("map<{}, {}>", self.of(key), self.of(value)),
            Type::Option(ty) => format!("option<{}>", self.of(ty)),
            Type::Tuple(types) => {
                let types = types.iter().map(|ty| self.of(ty)).collect::<Vec<_>>();
                format!("tuple<{}>", types.join(", "))
            }
            Type::Result(sides) => {
                let mut side = |ty: &Option<Type>| match ty {
                    Some(ty) => self.of(ty),
                    None => "_".into(),
                };
                match (side(&sides.0), side(&sides.1)) {
                    (ok, err) if ok == "_" && err == "_" => "result".into(),
                    (ok, err) if err == "_" => format!("result<{ok}>"),
                    (ok, err) => format!("result<{ok}, {err}>"),
                }
            }
            Type::Record(fields) => {
                let field = |(name, ty): &(String, Type)| format!("{name}: {}", self.of(ty));
                let fields = fields.iter().map(field).collect::<Vec<_>>();
                self.define("record", &fields)
            }
            Type::Variant(cases) => {
                let case = |(name, ty): &(String, Option<Type>)| match ty {
                    Some(ty) => format!("{name}({})", self.of(ty)),
                    None => name.clone(),
                };
                let cases = cases.iter().map(case).collect::<Vec<_>>();
                self.define("variant", &cases)
            }
            Type::Enum(names) => self.define("enum", names),
            Type::Flags(names) => self.define("flags", names),
            other => panic!("no guest has {other:?}"),
        }
    }

    fn define(&mut self, keyword: &str, parts: &[String]) -> String {
        let name = format!("t{}", self.count);
        self.count += 1;
        let parts = parts.join(", ");
        writeln!(self.types, "    {keyword} {name} {{ {parts} }}").unwrap();
        name
    }
}
