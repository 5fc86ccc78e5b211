//! Guest code that traverses a value: to use and drop the resources in it, and to write
//! it from slots to memory.

use std::fmt::Write;

use composer::Type;

use super::layout::{Core, cases, discriminant, fields, flat, item, offsets, payload, size};

/// A local with (a piece of) a value.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    pub(super) local: usize,
    pub(super) core: Core,
}

impl Slot {
    /// What is in it, for those values that are an `i32`.
    fn i32(self) -> String {
        match self.core {
            Core::I64 => format!("(i32.wrap_i64 (local.get {}))", self.local),
            _ => format!("(local.get {})", self.local),
        }
    }
}

/// Uses and drops resources: those that were lent, or (in `echo`) all.
pub(super) struct Walker {
    pub(super) lent_only: bool,
    /// The functions that go through lists.
    pub(super) functions: String,
    pub(super) count: usize,
}

impl Walker {
    fn wants(&self, ty: &Type) -> bool {
        let lent_only = self.lent_only;
        ty.any(&mut |ty| match ty {
            Type::Borrow(_) => true,
            Type::Own(_) => !lent_only,
            _ => false,
        })
    }

    /// Code for the value at the local `$at` and so many bytes on.
    pub(super) fn memory(&mut self, ty: &Type, offset: u32) -> String {
        if !self.wants(ty) {
            return String::new();
        }
        let word = |offset| format!("(i32.load offset={offset} (local.get $at))");
        if let Some(fields) = fields(ty) {
            let places = offsets(&fields).0;
            let fields = fields.iter().zip(places);
            return fields
                .map(|(ty, at)| self.memory(ty, offset + at))
                .collect();
        }
        if let Some(cases) = cases(ty) {
            let load = match discriminant(cases.len()) {
                1 => "i32.load8_u",
                2 => "i32.load16_u",
                _ => "i32.load",
            };
            let case = format!("({load} offset={offset} (local.get $at))");
            let payload = payload(&cases);
            return each_case(&case, &cases, |ty| self.memory(ty, offset + payload));
        }
        match item(ty) {
            Some(item) => self.list(&item, &word(offset), &word(offset + 4)),
            None => format!("(call $use {})\n", word(offset)),
        }
    }

    /// Code for a value in locals.
    pub(super) fn slots(&mut self, ty: &Type, slots: &[Slot]) -> String {
        if !self.wants(ty) {
            return String::new();
        }
        if let Some(fields) = fields(ty) {
            let mut rest = slots;
            let mut code = String::new();
            for field in fields {
                let (own, others) = rest.split_at(flat(field).len());
                code += &self.slots(field, own);
                rest = others;
            }
            return code;
        }
        if let Some(cases) = cases(ty) {
            return each_case(&slots[0].i32(), &cases, |ty| self.slots(ty, &slots[1..]));
        }
        match item(ty) {
            Some(item) => self.list(&item, &slots[0].i32(), &slots[1].i32()),
            None => format!("(call $use {})\n", slots[0].i32()),
        }
    }

    fn list(&mut self, item: &Type, at: &str, len: &str) -> String {
        let code = self.memory(item, 0);
        let name = format!("$items{}", self.count);
        self.count += 1;
        let size = size(item);
        write!(
            self.functions,
            "(func {name} (param $at i32) (param $len i32)
  (block $done (loop $next
    (br_if $done (i32.eqz (local.get $len)))
    {code}
    (local.set $at (i32.add (local.get $at) (i32.const {size})))
    (local.set $len (i32.sub (local.get $len) (i32.const 1)))
    (br $next))))\n"
        )
        .unwrap();
        format!("(call {name} {at} {len})\n")
    }
}

/// Code for each case that has a payload.
fn each_case(case: &str, cases: &[Option<&Type>], mut code: impl FnMut(&Type) -> String) -> String {
    let mut all = String::new();
    for (i, ty) in cases.iter().enumerate() {
        let code = ty.map(&mut code).unwrap_or_default();
        if !code.is_empty() {
            writeln!(all, "(if (i32.eq {case} (i32.const {i})) (then\n{code}))").unwrap();
        }
    }
    all
}

/// Code that writes a value to the local `to`, and so many bytes on.
pub(super) fn store(ty: &Type, slots: &[Slot], to: &str, offset: u32) -> String {
    if let Some(fields) = fields(ty) {
        let mut rest = slots;
        let mut code = String::new();
        for (field, at) in fields.iter().zip(offsets(&fields).0) {
            let (own, others) = rest.split_at(flat(field).len());
            code += &store(field, own, to, offset + at);
            rest = others;
        }
        return code;
    }
    if let Some(cases) = cases(ty) {
        let payload = payload(&cases);
        let mut code = put(slots[0], discriminant(cases.len()), to, offset);
        code += &each_case(&slots[0].i32(), &cases, |ty| {
            store(ty, &slots[1..], to, offset + payload)
        });
        return code;
    }
    match ty {
        Type::String | Type::List(_) | Type::Map(..) => {
            put(slots[0], 4, to, offset) + &put(slots[1], 4, to, offset + 4)
        }
        ty => put(slots[0], size(ty), to, offset),
    }
}

fn put(slot: Slot, size: u32, to: &str, offset: u32) -> String {
    let instruction = match (slot.core, size) {
        (Core::F32, _) => "f32.store",
        (Core::F64, _) => "f64.store",
        (Core::I32, 1) => "i32.store8",
        (Core::I32, 2) => "i32.store16",
        (Core::I32, _) => "i32.store",
        (Core::I64, 1) => "i64.store8",
        (Core::I64, 2) => "i64.store16",
        (Core::I64, 4) => "i64.store32",
        (Core::I64, _) => "i64.store",
    };
    let local = slot.local;
    format!("({instruction} offset={offset} (local.get {to}) (local.get {local}))\n")
}

/// The instruction that reads a value of one slot.
pub(super) fn load(ty: &Type) -> &'static str {
    if let Some(fields) = fields(ty) {
        return load(fields[0]);
    }
    if let Some(cases) = cases(ty) {
        return match discriminant(cases.len()) {
            1 => "i32.load8_u",
            2 => "i32.load16_u",
            _ => "i32.load",
        };
    }
    match ty {
        Type::S8 => "i32.load8_s",
        Type::S16 => "i32.load16_s",
        Type::S64 | Type::U64 => "i64.load",
        Type::F32 => "f32.load",
        Type::F64 => "f64.load",
        ty => match size(ty) {
            1 => "i32.load8_u",
            2 => "i32.load16_u",
            _ => "i32.load",
        },
    }
}
