//! How do the files of a folder become plugins, and follow it while the program runs?
//!
//! The list of plugins begins empty. A feed of the watched folder adds what appears there,
//! replaces what changes, and removes what is deleted. Calls go on meanwhile, and a file
//! that does not fit is reported and changes nothing.
//!
//! ```text
//! cargo run --example watched_folder [folder]
//! ```
//!
//! With a folder it watches that one until it is stopped. Without one it makes a folder,
//! and prints:
//!
//! ```text
//! added plugins/first
//!   first: Ok("HELLO!")
//! replaced plugins/first
//!   first: Ok("olleh")
//! refused: wrong.wasm
//!   first: Ok("olleh")
//! added plugins/second
//!   first: Ok("olleh")
//!   second: Ok("HELLO!")
//! removed plugins/first
//!   second: Ok("HELLO!")
//! ```

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use composer::Runtime;
use composer::runtime::{FeedEvent, FolderFeed};
use composer_examples::guest_file;

composer::compose!({
    path: "../wit/plugin",
    composition: Host,
    components: { plugins: [dyn "plugin:host/plugin"] },
});

/// How often the folder is looked at.
const INTERVAL: Duration = Duration::from_millis(50);
/// How long the calls in a plugin get to end when it is replaced or removed.
const GRACE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result<()> {
    let runtime = Runtime::new()?;
    let host = Host::compose(HostParts {
        plugins: composer::no_parts(),
    })
    .await?;
    let feed = |folder: &Path| {
        let watch = runtime.watch_folder(folder, INTERVAL);
        watch.feed(host.composition(), GRACE, |name, component| {
            HostParts::plugins(name, component.part())
        })
    };

    if let Some(folder) = std::env::args_os().nth(1) {
        let mut feed = feed(Path::new(&folder));
        loop {
            show(&mut feed, &host).await?;
        }
    }

    let folder = std::env::temp_dir().join(format!("watched-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let mut feed = feed(&folder);
    put(&folder, "first", "plugin-shout")?;
    show(&mut feed, &host).await?;
    put(&folder, "first", "plugin-reverse")?;
    show(&mut feed, &host).await?;
    // This one was built against other types.
    put(&folder, "wrong", "plugin-wrong")?;
    show(&mut feed, &host).await?;
    put(&folder, "second", "plugin-shout")?;
    show(&mut feed, &host).await?;
    fs::remove_file(folder.join("first.wasm"))?;
    show(&mut feed, &host).await?;
    fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Waits for a change, and calls every plugin.
async fn show(feed: &mut FolderFeed, host: &Host) -> Result<()> {
    match feed.next().await.context("the composition is gone")? {
        FeedEvent::Added { component, .. } => println!("added {component}"),
        FeedEvent::Replaced { component, .. } => println!("replaced {component}"),
        FeedEvent::Removed { component, .. } => println!("removed {component}"),
        FeedEvent::Failed { path, error } => {
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            println!("refused: {file}");
            eprintln!("{error}");
        }
        other => println!("{other:?}"),
    }
    for (name, plugin) in host.plugins() {
        println!("  {name}: {:?}", plugin.apply("hello").await?);
    }
    Ok(())
}

/// Puts a plugin of the tests into the folder, in one step.
fn put(folder: &Path, name: &str, guest: &str) -> Result<()> {
    let unfinished = folder.join("unfinished");
    fs::copy(guest_file(guest), &unfinished)?;
    fs::rename(unfinished, folder.join(name).with_extension("wasm"))?;
    Ok(())
}
