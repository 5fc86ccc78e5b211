//! How does a plugin host give its plugins something of its own?
//!
//! The context is a resource in WIT, and a type of this program in Rust. A plugin gets it
//! whole, keeps it and gives it back, or it is lent one for a call. The program sees what
//! the plugin does with it.
//!
//! ```text
//! cargo run --example plugin_context
//! ```
//!
//! It prints:
//!
//! ```text
//! Hello, Robin!
//! Welcome, Sam!
//! the log of Robin: loaded for Robin, greeted
//! the log of Sam: greeted
//! the plugin gave back the context of Robin
//! ```

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use composer::Runtime;
use composer_examples::guest;

composer::compose!({
    path: "../wit/plugin-context",
    composition: Plugins,
    components: { greeter: "plugin:context/plugin-guest" },
    host: ["plugin:context/contexts"],
    with: { "plugin:context/contexts.context": PluginContext },
    exports: ["plugin:context/plugin"],
});

/// What a plugin gets of this program.
struct PluginContext {
    user: &'static str,
    log: Mutex<Vec<String>>,
}

impl PluginContext {
    fn new(user: &'static str) -> Arc<Self> {
        let log = Mutex::default();
        Arc::new(PluginContext { user, log })
    }

    fn log(&self) -> String {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        format!("the log of {}: {}", self.user, log.join(", "))
    }
}

/// The methods of the context, for all plugins.
struct Program;

impl plugins::plugin::context::contexts::Host for Program {
    fn context_user(&self, context: &PluginContext) -> String {
        context.user.to_owned()
    }

    fn context_log(&self, context: &PluginContext, line: String) {
        let mut log = context.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(line);
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let runtime = Runtime::new()?;
    let greeter = guest(&runtime, "plugin-greeter").await?;
    let plugins = Plugins::compose(PluginsParts { greeter }, Program).await?;
    let plugin = plugins.plugin();

    let (robin, sam) = (PluginContext::new("Robin"), PluginContext::new("Sam"));
    plugin.on_load(robin.clone()).await?;
    println!("{}", plugin.greet(&robin, "Hello").await?);
    println!("{}", plugin.greet(&sam, "Welcome").await?);
    println!("{}", robin.log());
    println!("{}", sam.log());

    let back = plugin
        .on_unload()
        .await?
        .context("the plugin kept nothing")?;
    println!("the plugin gave back the context of {}", back.user);
    Ok(())
}
