// A mistake in the wiring does not undefine the names of what is generated.

composer_macros::compose!({
    inline: r#"
        package shop:all@1.0.0;

        interface clock { now: func() -> u64; }
        interface log { write: func(line: string); }
        interface checkout {
            record line { sku: string, quantity: u32 }
            enum problem { empty }
            total: func(lines: list<line>) -> result<u32, problem>;
        }

        world till { import clock; import log; export checkout; }
    "#,
    composition: Shop,
    components: { till: "shop:all/till" },
    host: ["shop:all/log"],
    exports: ["shop:all/checkout"],
});

use shop::shop::all::checkout::{Line, Problem};

struct Program;

impl shop::shop::all::log::Host for Program {
    fn write(&self, line: String) {
        println!("{line}");
    }
}

async fn total(till: composer::ComposableComponent<()>) -> Option<u32> {
    let shop = Shop::compose(ShopParts { till }, Program).await.ok()?;
    let line = Line { sku: "apple".to_owned(), quantity: 3 };
    match shop.checkout().total([line]).await.ok()? {
        Ok(total) => Some(total),
        Err(Problem::Empty) => None,
    }
}

fn main() {}
