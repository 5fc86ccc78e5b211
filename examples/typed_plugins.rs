//! How does a host call plugins it has never seen, in Rust types?
//!
//! A list in `compose!` takes any number of components that export one interface. Each
//! has a store of its own and a typed handle of its own, and may import what other
//! components of the composition export. A plugin that does not fit is refused by name
//! before anything runs.
//!
//! ```text
//! cargo run --example typed_plugins [file]...
//! ```
//!
//! Without arguments it uses the plugins of the tests. It prints:
//!
//! ```text
//! count: Counts the words
//!   Ok("2")
//! reverse: Turns the text around
//!   Ok("snigulp olleH")
//! shout: Turns the text into capitals
//!   Ok("HELLO PLUGINS!")
//!
//! refused: component `plugins/wrong` does not fit its declaration: its export `plugin:host/plugin@0.1.0#apply` has another type than was declared
//!   at parameter "input":
//!     declared is string
//!     the component has list<u8>
//!   fix: build both against one version of the interface
//!
//! component `plugins/wrong` does not fit its declaration: its export `plugin:host/plugin@0.1.0#describe` has another type than was declared
//!   at result:
//!     declared is record { name: string, summary: string }
//!     the component has string
//!   fix: build both against one version of the interface
//! ```

use std::path::PathBuf;

use anyhow::Result;
use composer::Runtime;
use composer::runtime::SandboxedComponent;
use composer_examples::guest_file;

composer::compose!({
    path: "../wit/plugin",
    composition: Host,
    components: { plugins: [dyn "plugin:host/plugin"] },
});

#[tokio::main]
async fn main() -> Result<()> {
    let runtime = Runtime::new()?;
    let mut files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if files.is_empty() {
        files.extend(["plugin-count", "plugin-reverse", "plugin-shout"].map(guest_file));
    }
    let mut plugins: Vec<(String, SandboxedComponent)> = Vec::new();
    for file in &files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let name = name.trim_start_matches("plugin-").to_owned();
        plugins.push((name, runtime.load_file(file).await?.part()));
    }

    let host = Host::compose(HostParts { plugins }).await?;
    for (_, plugin) in host.plugins() {
        let info = plugin.describe().await?;
        println!("{}: {}", info.name, info.summary);
        println!("  {:?}", plugin.apply("Hello plugins").await?);
    }

    // This plugin was built against other types.
    let wrong = runtime.load_file(guest_file("plugin-wrong")).await?;
    let plugins = vec![("wrong".to_owned(), wrong.part())];
    if let Err(reason) = Host::compose(HostParts { plugins }).await {
        println!("\nrefused: {reason}");
    }
    Ok(())
}
