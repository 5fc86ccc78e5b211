struct Context;

composer_macros::compose!({
    inline: "
        package plugin:all@1.0.0;
        world guest {
            resource context { count: func() -> u32; }
            import log: func(context: borrow<context>, line: string);
            record pair { left: context, right: context }
            import swap: func(pair: pair) -> pair;
            record sight { at: borrow<context> }
            import look: func(at: sight);
            export run: func();
        }
    ",
    composition: Plugins,
    components: { plugin: "plugin:all/guest" },
    host: ["log"],
    linker: ["context", "swap", "look", "[method]context.count"],
    exports: ["run"],
});

composer_macros::compose!({
    inline: "
        package plugin:all@1.0.0;
        world guest {
            resource context { count: func() -> u32; }
            record pair { left: context, right: context }
            import swap: func(pair: pair) -> pair;
            export run: func();
        }
    ",
    composition: Untold,
    components: { plugin: "plugin:all/guest" },
    host: ["context", "swap"],
    exports: ["run"],
});

composer_macros::compose!({
    inline: "
        package plugin:all@1.0.0;
        world guest {
            resource context { count: func() -> u32; }
            record sight { at: borrow<context> }
            import look: func(at: sight);
            export run: func();
        }
    ",
    composition: Lent,
    components: { plugin: "plugin:all/guest" },
    host: ["context", "look"],
    with: { "context": Context },
    exports: ["run"],
});

fn main() {}
