//! The core function behind a function of a [`Spec`](super::spec::Spec).

use composer::Type;

use super::guests::BASE;
use super::layout::{Core, MAX_SLOTS, align, flat, offsets};
use super::spec::Function;
use super::walk::{Slot, Walker};

/// What both guests know of a function.
pub(super) struct Shape<'f> {
    pub(super) function: &'f Function,
    pub(super) params: Vec<Core>,
    /// The slots of each parameter, if they are in slots.
    pub(super) slots: Option<Vec<Vec<Slot>>>,
    /// Where they are in memory.
    pub(super) places: Vec<u32>,
    pub(super) params_size: u32,
    pub(super) result: Type,
    pub(super) results: Vec<Core>,
}

impl<'f> Shape<'f> {
    pub(super) fn new(function: &'f Function) -> Self {
        let types: Vec<&Type> = function.params.iter().collect();
        let (places, params_size) = offsets(&types);
        let params: Vec<Core> = types.iter().flat_map(|ty| flat(ty)).collect();
        let mut local = 0;
        let mut slot = |core| {
            local += 1;
            Slot {
                local: local - 1,
                core,
            }
        };
        let slots = types
            .iter()
            .map(|ty| flat(ty).into_iter().map(&mut slot).collect())
            .collect();
        let result = function.result();
        Shape {
            function,
            slots: (params.len() <= MAX_SLOTS).then_some(slots),
            params: match params.len() {
                0..=MAX_SLOTS => params,
                _ => vec![Core::I32],
            },
            places,
            params_size,
            results: flat(&result),
            result,
        }
    }

    pub(super) fn params_align(&self) -> u32 {
        self.function.params.iter().map(align).max().unwrap_or(1)
    }

    /// `(param ...)` and `(result ...)` of the lifted function.
    pub(super) fn lifted(&self) -> (String, String) {
        let result = match &self.results[..] {
            [one] => list("result", &[*one]),
            _ => list("result", &[Core::I32]),
        };
        (list("param", &self.params), result)
    }

    pub(super) fn locals(&self) -> String {
        (0..self.params.len())
            .map(|local| format!("(local.get {local})"))
            .collect()
    }

    /// Code that remembers all that was given: in slots, and in memory.
    pub(super) fn look(&self) -> String {
        let mut code = String::new();
        for (local, core) in self.params.iter().enumerate() {
            let bits = match core {
                Core::I32 => "(local.get LOCAL)",
                Core::I64 => "(i32.wrap_i64 (local.get LOCAL))",
                Core::F32 => "(i32.reinterpret_f32 (local.get LOCAL))",
                Core::F64 => "(i32.wrap_i64 (i64.reinterpret_f64 (local.get LOCAL)))",
            };
            let bits = bits.replace("LOCAL", &local.to_string());
            code += &format!("(call $mix {bits})\n");
        }
        code + "(call $look)\n"
    }

    /// Code that goes through the resources among the parameters that `wanted`.
    pub(super) fn walk(&self, walker: &mut Walker, wanted: impl Fn(&Type) -> bool) -> String {
        let mut code = String::new();
        let mut walk = |i: usize, ty: &Type| match &self.slots {
            Some(slots) => walker.slots(ty, &slots[i]),
            None => walker.memory(ty, self.places[i]),
        };
        for (i, ty) in self.function.params.iter().enumerate() {
            if wanted(ty) {
                code += &walk(i, ty);
            }
        }
        match self.slots {
            _ if code.is_empty() => code,
            Some(_) => code,
            None => format!("(local.set $at (local.get 0))\n{code}"),
        }
    }

    pub(super) fn post_return(&self, i: usize) -> String {
        if self.function.is_async {
            return String::new();
        }
        let result = match &self.results[..] {
            [one] => *one,
            _ => Core::I32,
        };
        let param = list("param", &[result]);
        format!(
            "(func (export \"cabi_post_test:fuzz/echo#f{i}\") {param}
  (global.set $top (i32.const {BASE})))\n"
        )
    }
}

pub(super) fn list(keyword: &str, types: &[Core]) -> String {
    if types.is_empty() {
        return String::new();
    }
    let names: Vec<_> = types.iter().map(|core| core.name()).collect();
    format!("({keyword} {})", names.join(" "))
}
