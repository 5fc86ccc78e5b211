//! Errors as people read them.

use crate::support::*;

fn show(name: &str, text: String) {
    println!("=== {name}\n{text}\n");
}

#[test]
fn all() {
    let all = [
        component("a", "import x:y/z@1.0.0"),
        component("b", "export x:y/z@2.0.0"),
        component("c", "export x:y/z@1.2.0").hide(&["x:y/z"]),
    ];
    show("unresolved", message_of(all));
    show(
        "unresolved similar",
        message_of([
            component("a", "import x:y/zed"),
            component("b", "export x:y/zet"),
        ]),
    );
    show(
        "unresolved nothing",
        message_of([component("a", "import x:y/zed export x:y/zed")]),
    );
    show(
        "amb",
        message_of([
            component("a", "import x:y/z"),
            component("b", "export x:y/z"),
            component("c", "export x:y/z"),
        ]),
    );
    show(
        "unsupported",
        message_of([component("a", "import lib is core module")]),
    );
    show(
        "cycle",
        message_of([
            component("a", "import x:y/z export p:q/r"),
            component("b", "import p:q/r export x:y/z"),
            component("c", "import x:y/z export p:q/s"),
            component("d", "import p:q/s export p:q/t"),
        ]),
    );
    show(
        "cycle2",
        message_of([
            component("a", "import x:y/z export p:q/r"),
            component("b", "import p:q/r export x:y/z import p:q/s"),
            component("c", "import x:y/z export p:q/s"),
        ]),
    );
    show(
        "kind",
        message_of([component("a", "import add"), component("b", "export add()")]),
    );
    show(
        "missing",
        message_of([
            component("a", "import x:y/z { ping(); }"),
            component("b", "export x:y/z { pong(); }"),
        ]),
    );
    show(
        "missing hidden",
        message_of([
            component("a", "import x:y/z { ping(); }"),
            component("b", "export x:y/z@1.0.0 { pong(); ping(); }").hide(&["x:y/z#ping"]),
            component("bb", "export x:y/z { ping(); pong(); }").hide(&["x:y/z#ping"]),
        ]),
    );
    show(
        "missing resource",
        message_of([
            component("a", "import x:y/z { resource r; ping(); }"),
            component("b", "export x:y/z { ping(); }"),
        ]),
    );
    show(
        "mismatch",
        message_of([
            component(
                "a",
                "import x:y/z { ping(basket: list<record{quantity: u32}>); }",
            ),
            component(
                "b",
                "export x:y/z { ping(basket: list<record{quantity: u64}>); }",
            ),
        ]),
    );
    show(
        "mismatch fn",
        message_of([
            component("a", "import add(a: u32)"),
            component("b", "export add(a: u32, b: u32)"),
        ]),
    );
    show(
        "stream",
        message_of([
            component("a", "import x:y/z { ping() -> result<stream<u8>>; }"),
            component("b", "export x:y/z { ping() -> result<stream<u8>>; }"),
        ]),
    );
    show("host", message_of([component("a","import wasi:io/streams { resource input; } import x:y/z { use import wasi:io/streams input; ping(i: input); }").host("wasi:io/streams"),component("b","import wasi:io/streams { resource input; } export x:y/z { use import wasi:io/streams input; ping(i: input); }").host("wasi:io/streams")]));
    show("host2", message_of([component("a","import wasi:io/streams { resource input; } "),component("b","import wasi:io/streams { resource input; } export wasi:io/streams { use import wasi:io/streams input; }").host("wasi:io/streams")]));
    show(
        "diamond",
        errors_of([
            component(
                "a",
                "import x:y/r { resource r; } import x:y/z { use import x:y/r r; ping(i: r); }",
            )
            .hint("x:y/r", "c"),
            component(
                "b",
                "import x:y/r { resource r; } export x:y/z { use import x:y/r r; ping(i: r); }",
            )
            .hint("x:y/r", "d"),
            component("c", "export x:y/r { resource r; }"),
            component("d", "export x:y/r { resource r; }"),
        ])[0]
            .to_string(),
    );
    show(
        "open conflict",
        message(
            &graph([
                component("a", "import x:y/z { ping(a: u32); }"),
                component("b", "import x:y/z { ping(a: u64); }"),
            ])
            .open("x:y/z"),
        ),
    );
    show(
        "open unknown",
        message(&graph([component("a", "export x:y/z { ping(a: u32); }")]).open("x:y/w")),
    );
    show(
        "open useless",
        message(
            &graph([
                component("a", "import x:y/z"),
                component("b", "export x:y/z"),
                component("c", "import x:y/z").host("x:y/z"),
            ])
            .open("x:y/z"),
        ),
    );
    let b = || component("b", "export x:y/z");
    let c = || component("c", "export x:y/z");
    show(
        "h1",
        message_of([component("a", "import x:y/z").hint("x:y/z", "nobody"), b()]),
    );
    show(
        "h1b",
        message_of([
            component("alpha", "import x:y/z").hint("x:y/z", "brabo"),
            component("bravo", "export x:y/z"),
        ]),
    );
    show(
        "h2",
        message_of([component("a", "import x:y/z").hint("x:y/w", "b"), b()]),
    );
    show(
        "h3",
        message_of([
            component("a", "import x:y/z@1.0.0 import x:y/z@2.0.0")
                .host("x:y/z@1.0.0")
                .host("x:y/z@2.0.0")
                .hint("x:y/z", "b"),
            b(),
        ]),
    );
    show(
        "h4",
        message_of([
            component("a", "import x:y/z").hint("x:y/z", "d"),
            b(),
            component("d", "export x:y/z@1.0.0"),
        ]),
    );
    show(
        "h4b",
        message_of([
            component("a", "import x:y/z").hint("x:y/z", "d"),
            component("d", "export p:q/r"),
        ]),
    );
    show(
        "h5",
        message_of([component("a", "import x:y/z export x:y/z").hint("x:y/z", "a")]),
    );
    show(
        "h6",
        message_of([
            component("a", "import x:y/z")
                .hint("x:y/z", "b")
                .hint("x:y/z", "b"),
            b(),
            c(),
        ]),
    );
    show(
        "h7",
        message_of([
            component("a", "import x:y/z")
                .hint("x:y/z", "b")
                .hint("x:y/z", "c"),
            b(),
            c(),
        ]),
    );
    show(
        "h8",
        message_of([component("a", "import x:y/z").hint("x:y/z", "b"), b()]),
    );
    show("e8", message(&graph([b()]).hint("x:y/z", "b")));
    show("e2", message(&graph([b()]).hint("x:y/w", "b")));
    show(
        "e4",
        message(&graph([b(), component("d", "")]).hint("x:y/z", "d")),
    );
    show("dup", message(&graph([b(), b()])));
    panic!();
}
