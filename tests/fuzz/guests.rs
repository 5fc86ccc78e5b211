//! The guests of a [`Spec`]: `echo`, which returns its arguments, `relay` in front of it,
//! and `maker`, whose resources are inside the values.
//!
//! They know of their values only what the canonical ABI requires. `echo` and `relay` can
//! be made to violate it once, at random: see [`Fault`].

use composer::Type;
use wit_component::{ComponentEncoder, embed_component_metadata};
use wit_parser::Resolve;

use super::layout::{Core, MAX_SLOTS, align, offsets, size};
use super::shape::{Shape, list};
use super::spec::{Function, Spec, wit};
use super::text::{COMMON, MAKER, THINGS, WAIT, WAIT_FUNCTION};
use super::walk::{Walker, load, store};

/// How a guest breaks the ABI. Each comes with a number that says where, and
/// one that says what to do there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It does not.
    Nothing = 0,
    /// Flips bits of what it passes on, in memory.
    Flip = 1,
    /// Overwrites an aligned word of it.
    Overwrite = 2,
    /// Flips bits of what it passes on, in slots.
    Slot = 3,
    /// Says that it is elsewhere in memory.
    Elsewhere = 4,
    /// Asked for memory, it says that it is there, unless other values may be.
    Memory = 5,
    /// Asked for memory, it traps.
    Trap = 6,
    /// Asked for memory, it gives again what it gave before.
    Again = 7,
    /// Asked for memory, it gives what is some bytes further on.
    Beside = 8,
}

impl Fault {
    /// The number to go with it, so that there is one mistake and not two:
    /// which of them is reported first is not promised.
    pub(super) fn number(self, number: u32) -> u32 {
        match self {
            Fault::Elsewhere if number >= MEMORY => number & !7,
            _ => number,
        }
    }

    /// Whether it depends on how often the guest is asked for memory.
    pub(super) fn counts_requests(self) -> bool {
        matches!(
            self,
            Fault::Memory | Fault::Trap | Fault::Again | Fault::Beside
        )
    }

    /// Whether two values may come to stand in the same place. What is there in
    /// the end depends on which is written first, and that is not promised.
    pub(super) fn overlaps(self) -> bool {
        self == Fault::Again
    }
}

/// Where a guest's memory for values starts. Nothing of its own is below.
pub(super) const BASE: u32 = 4096;

/// How large its memory is at first, which few values need more than.
pub(super) const MEMORY: u32 = 4 << 16;

/// How large it can become.
pub(super) const MOST_MEMORY: u32 = 256 << 16;

/// The binaries of `maker`, `echo` and `relay`.
pub(super) fn binaries(spec: &Spec) -> [Vec<u8>; 3] {
    let mut resolve = Resolve::default();
    let wit = wit(spec);
    let package = resolve
        .push_str("fuzz.wit", &wit)
        .unwrap_or_else(|error| panic!("{error:?}\n{wit}"));
    let [of_echo, of_relay] = spec.encodings.map(Into::into);
    let guests = [
        ("maker", MAKER.to_owned(), of_echo),
        ("echo-world", echo(spec), of_echo),
        ("relay-world", relay(spec), of_relay),
    ];
    guests.map(|(world, text, encoding)| {
        let world = resolve.select_world(&[package], Some(world)).unwrap();
        let module = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let mut module = module;
        embed_component_metadata(&mut module, &resolve, world, encoding).unwrap();
        let encoder = ComponentEncoder::default().module(&module).unwrap();
        encoder
            .validate(true)
            .encode()
            .unwrap_or_else(|error| panic!("{error:?}\n{wit}\n{text}"))
    })
}

fn echo(spec: &Spec) -> String {
    let mut imports = THINGS.to_owned();
    let mut walker = Walker {
        lent_only: false,
        functions: String::new(),
        count: 0,
    };
    let mut functions = String::new();
    for (i, function) in spec.functions.iter().enumerate() {
        let shape = Shape::new(function);
        let kept = |ty: &Type| !Function::returns(ty);
        let walk = shape.walk(&mut walker, kept);
        let look = shape.look();
        let (params, result) = shape.lifted();
        // Without slots to take the results from, they are returned in memory.
        let in_slots = shape.slots.is_some() && shape.results.len() <= MAX_SLOTS;
        let callback =
            function.is_async && function.callback && (in_slots || shape.results.len() > MAX_SLOTS);
        let returned = match (&shape.slots, &shape.results[..]) {
            (Some(slots), results) if results.len() == 1 || (callback && in_slots) => {
                let params = function.params.iter().zip(slots);
                let slots = params
                    .filter(|(ty, _)| !kept(ty))
                    .flat_map(|(_, slots)| slots);
                let mut code: String = slots
                    .map(|slot| format!("(local.get {})", slot.local))
                    .collect();
                if function.tells() {
                    code += "(global.get $sum)";
                }
                format!("(call $spoil)\n{code}")
            }
            (_, results) => {
                let mut code = write_result(&shape);
                if results.len() == 1 {
                    code += &format!("({} (local.get $ret))", load(&shape.result));
                } else {
                    code += "(call $elsewhere (local.get $ret))";
                }
                code
            }
        };
        if callback {
            let slots = if in_slots {
                &shape.results[..]
            } else {
                &[Core::I32]
            };
            let params_of_return = list("param", slots);
            imports += &format!(
                "(import \"[export]test:fuzz/echo\" \"[task-return]f{i}\" (func $return{i} {params_of_return}))\n"
            );
            functions += &format!(
                "(func (export \"[async-lift]test:fuzz/echo#f{i}\") {params} (result i32)
  (local $at i32) (local $ret i32)
  (global.set $sum (i32.const 0))
  {look}{walk}{returned}
  (call $return{i})
  (i32.const 0))
(func (export \"[callback][async-lift]test:fuzz/echo#f{i}\") (param i32 i32 i32) (result i32)
  unreachable)\n"
            );
        } else {
            functions += &format!(
                "(func (export \"test:fuzz/echo#f{i}\") {params} {result}
  (local $at i32) (local $ret i32)
  (global.set $sum (i32.const 0))
  {look}{walk}{returned})\n"
            );
            functions += &shape.post_return(i);
        }
    }
    let lists = &walker.functions;
    format!(
        "(module {imports}{COMMON}
(func (export \"test:fuzz/echo-faults#given\") (result i32) (global.get $print))
(func (export \"test:fuzz/echo-faults#arm\") (param i32 i32 i32)
  (call $arm (local.get 0) (local.get 1) (local.get 2)))
(func $use (param i32)
  (global.set $sum (i32.add
    (i32.mul (global.get $sum) (i32.const 31))
    (call $thing-number (local.get 0))))
  (call $thing-drop (local.get 0)))
{lists}{functions})"
    )
}

/// Code that puts the result into memory, at the local `$ret`.
fn write_result(shape: &Shape<'_>) -> String {
    let (size, align) = (size(&shape.result), align(&shape.result));
    let mut code =
        format!("(local.set $ret (call $allocate (i32.const {align}) (i32.const {size})))\n");
    let params = &shape.function.params;
    let returned: Vec<usize> = (0..params.len())
        .filter(|i| Function::returns(&params[*i]))
        .collect();
    let mut types: Vec<&Type> = returned.iter().map(|i| &params[*i]).collect();
    if shape.function.tells() {
        types.push(&Type::U32);
    }
    let places = offsets(&types).0;
    for (i, place) in returned.iter().zip(&places) {
        code += &match &shape.slots {
            Some(slots) => store(&params[*i], &slots[*i], "$ret", *place),
            None => format!(
                "(memory.copy (i32.add (local.get $ret) (i32.const {place}))
  (i32.add (local.get 0) (i32.const {})) (i32.const {}))\n",
                shape.places[*i],
                self::size(&params[*i])
            ),
        };
    }
    if shape.function.tells() {
        let place = places[places.len() - 1];
        code += &format!("(i32.store offset={place} (local.get $ret) (global.get $sum))\n");
    }
    code + "(call $spoil)\n"
}

fn relay(spec: &Spec) -> String {
    let mut imports = THINGS.to_owned();
    let mut walker = Walker {
        lent_only: true,
        functions: String::new(),
        count: 0,
    };
    let mut functions = String::new();
    let waits = spec.functions.iter().any(|f| f.is_async && f.no_wait);
    if waits {
        imports += WAIT;
    }
    for (i, function) in spec.functions.iter().enumerate() {
        let shape = Shape::new(function);
        let walk = shape.walk(&mut walker, |_| true);
        let (params, result) = shape.lifted();
        let no_wait = function.is_async && function.no_wait;
        let one = shape.results.len() == 1;
        let mut code = String::new();
        if shape.slots.is_some() {
            for (slot, core) in shape.params.iter().enumerate() {
                let of = shape.params.len();
                let change = format!("(call $slot (i32.const {slot}) (i32.const {of}))");
                let (xor, change) = match core {
                    Core::I32 => ("i32.xor", change),
                    Core::I64 => ("i64.xor", format!("(i64.extend_i32_u {change})")),
                    _ => continue,
                };
                code += &format!("(local.set {slot} ({xor} (local.get {slot}) {change}))\n");
            }
        } else {
            code += "(local.set 0 (call $elsewhere (local.get 0)))\n";
        }
        code += "(call $spoil)\n";
        let mut args = shape.locals();
        let mut lowered = shape.params.clone();
        if no_wait && lowered.len() > 4 {
            let (size, align) = (shape.params_size, shape.params_align());
            code += &format!(
                "(local.set $args (call $allocate (i32.const {align}) (i32.const {size})))\n"
            );
            for (j, slots) in shape.slots.iter().flatten().enumerate() {
                code += &store(&function.params[j], slots, "$args", shape.places[j]);
            }
            args = "(local.get $args)".to_owned();
            lowered = vec![Core::I32];
        }
        let mut returns = list("result", &shape.results);
        if no_wait || !one {
            let (size, align) = (size(&shape.result), align(&shape.result));
            code += &format!(
                "(local.set $ret (call $allocate (i32.const {align}) (i32.const {size})))\n"
            );
            args += "(local.get $ret)";
            lowered.push(Core::I32);
            returns = String::new();
        }
        let lowered = list("param", &lowered);
        if no_wait {
            imports += &format!(
                "(import \"test:fuzz/echo\" \"[async-lower]f{i}\" (func $f{i} {lowered} (result i32)))\n"
            );
            code += &format!("(call $wait (call $f{i} {args}))\n");
        } else {
            imports +=
                &format!("(import \"test:fuzz/echo\" \"f{i}\" (func $f{i} {lowered} {returns}))\n");
            let call = format!("(call $f{i} {args})");
            code += &match one {
                true => format!("(local.set $out {call})\n"),
                false => call,
            };
        }
        let last = match (one, no_wait) {
            (true, true) => format!("({} (local.get $ret))", load(&shape.result)),
            (true, false) => "(local.get $out)".to_owned(),
            (false, _) => "(local.get $ret)".to_owned(),
        };
        let out = match &shape.results[..] {
            [core] => format!("(local $out {})", core.name()),
            _ => String::new(),
        };
        functions += &format!(
            "(func (export \"test:fuzz/echo#f{i}\") {params} {result}
  (local $at i32) (local $ret i32) (local $args i32) {out}
  {code}(call $look){walk}{last})\n"
        );
        functions += &shape.post_return(i);
    }
    let lists = &walker.functions;
    let wait = if waits { WAIT_FUNCTION } else { "" };
    format!(
        "(module {imports}{COMMON}{wait}
(func (export \"test:fuzz/relay-faults#given\") (result i32) (global.get $print))
(func (export \"test:fuzz/relay-faults#arm\") (param i32 i32 i32)
  (call $arm (local.get 0) (local.get 1) (local.get 2)))
(func $use (param i32)
  (call $thing-drop (local.get 0)))
{lists}{functions})"
    )
}
