struct Context;

composer_macros::compose!({
    inline: "
        package plugin:all@1.0.0;
        interface contexts { resource context { count: func() -> u32; } }
        interface other { resource thing; }
        interface kinds { record kind { a: u32 } record feed { items: stream<u8> } }
        world guest { import contexts; import other; export run: func(); }
    ",
    composition: Plugins,
    components: { plugin: "plugin:all/guest" },
    host: ["plugin:all/contexts"],
    linker: ["plugin:all/other"],
    with: {
        "plugin:all/contexts.contest": Context,
        "plugin:all/other.thing": Context,
        "plugin:all/contexts@1.0.0.context": Context,
        "plugin:all/contexts.context": Context,
        context: Context,
        "plugin:all/kinds.kid": Context,
        "plugin:all/kinds.feed": Context,
        "plugin:all/kinds.kind": Context,
    },
    exports: ["run"],
});

fn main() {}
