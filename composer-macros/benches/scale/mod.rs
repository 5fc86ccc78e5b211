//! WIT of any size.

use std::fmt::Write;

/// WIT of `interfaces` interfaces, a world that exports them all and one that
/// imports them all.
pub(crate) fn wit(interfaces: usize) -> String {
    let mut wit = "package bench:scale;\n".to_owned();
    for i in 0..interfaces {
        let mut functions = String::new();
        for f in 0..20 {
            let function = match f % 4 {
                0 => "func(sku: string, quantity: u32) -> u64",
                1 => "func(item: item) -> result<item, problem>",
                2 => "func(items: list<item>) -> option<string>",
                _ => "async func(bytes: list<u8>) -> list<u8>",
            };
            writeln!(functions, "    /// Function {f}.\n    f{f}: {function};").unwrap();
        }
        writeln!(
            wit,
            "/// Interface {i}.
            interface i{i} {{
                record item {{ name: string, quantity: u32, tags: list<string> }}
                variant problem {{ unknown(string), empty }}
            {functions}}}"
        )
        .unwrap();
    }
    for (world, direction) in [("provider", "export"), ("user", "import")] {
        writeln!(wit, "world {world} {{").unwrap();
        for i in 0..interfaces {
            writeln!(wit, "    {direction} i{i};").unwrap();
        }
        wit.push_str("}\n");
    }
    wit
}
