//! The presets have room for what real toolchains make.

use composer::runtime::{Limits, LoadedComponent};
use composer::{ComposableDescriptor, Composer, Value};

use crate::support::sandbox::{loaded, runtime};

/// A guest, and a function of it with its arguments.
struct Toolchain {
    name: &'static str,
    guest: &'static str,
    interface: Option<&'static str>,
    function: &'static str,
    args: Vec<&'static str>,
}

fn toolchains() -> [Toolchain; 4] {
    [
        Toolchain {
            name: "Rust, without WASI",
            guest: "text-base",
            interface: Some("test:text/transform"),
            function: "apply",
            args: vec!["tea"],
        },
        Toolchain {
            name: "Rust, with its standard library",
            guest: "wasi-echo",
            interface: None,
            function: "",
            args: Vec::new(),
        },
        Toolchain {
            name: "C, with wasi-libc",
            guest: "tax-us",
            interface: Some("shop:tax/rates"),
            function: "region",
            args: Vec::new(),
        },
        Toolchain {
            name: "JavaScript, QuickJS",
            guest: "clock-script",
            interface: None,
            function: "time",
            args: Vec::new(),
        },
    ]
}

/// Starts a component with these limits, and calls it if a function is named; its peak
/// memory in KiB.
async fn start(
    component: &LoadedComponent,
    limits: Limits,
    toolchain: &Toolchain,
) -> Result<u64, String> {
    let part = component.part().with_limits(limits);
    let usage = part.usage();
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("guest", part));
    let composition = composer
        .compose()
        .await
        .map_err(|error| error.to_string())?;
    if !toolchain.function.is_empty() {
        let func = composition.get_func(toolchain.interface, toolchain.function);
        let args = toolchain.args.iter().map(|arg| Value::from(*arg));
        let called = func.unwrap().call_owned(args).await;
        called.map_err(|error| error.to_string())?;
    }
    Ok(usage.peak_memory() >> 10)
}

#[tokio::test]
async fn start_and_answer() {
    for toolchain in toolchains() {
        let component = loaded(toolchain.guest).await;
        for limits in [Limits::default(), Limits::strict()] {
            let used = start(&component, limits, &toolchain).await;
            let used = used.unwrap_or_else(|error| panic!("{}: {error}", toolchain.name));
            println!("{}: {used} KiB", toolchain.name);
        }
    }
}

/// The smallest preset has room for small guests too.
#[tokio::test]
async fn small_ones_start_in_the_smallest_preset() {
    for toolchain in toolchains() {
        let component = loaded(toolchain.guest).await;
        let used = start(&component, Limits::minimal(), &toolchain).await;
        used.unwrap_or_else(|error| panic!("{}: {error}", toolchain.name));
    }
}

/// `COMPOSER_STAGE=<file>` adds a component in Python: `tests/python/build.sh` makes one.
#[tokio::test]
async fn python_if_there_is_one() {
    let Some(file) = std::env::var_os("COMPOSER_STAGE") else {
        return;
    };
    let component = runtime().load_file(file).await.unwrap();
    let toolchain = Toolchain {
        name: "Python",
        guest: "",
        interface: None,
        function: "",
        args: Vec::new(),
    };
    for limits in [Limits::default(), Limits::strict()] {
        let used = start(&component, limits, &toolchain).await.unwrap();
        let needs = component.component().resources_required().unwrap();
        let refused = start(&component, Limits::minimal(), &toolchain).await;
        assert!(refused.unwrap_err().contains("wanted, more than the"));
        println!(
            "Python: {used} KiB, {} memories, {} tables of {:?} elements",
            needs.num_memories, needs.num_tables, needs.max_initial_table_size
        );
    }
}
