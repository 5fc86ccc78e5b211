//! The manifest of a composition, `compose.toml`.
//!
//! ```toml
//! [components.catalog]
//! path = "catalog.wasm"            # seen from this file
//!
//! [components.till]
//! path = "till.wasm"
//! imports = { "shop:tax/rates" = "tax-eu" }   # where several provide an import
//! limits = { preset = "strict", memory = "32MiB", time = "500ms" }
//! grants = { env = { REGION = "eu" } }        # nothing is granted that is not written here
//! config = { currency = "EUR" }
//! restart = { limit = 3, within = "1m" }
//!
//! [exports]
//! "shop:till/checkout" = "till"    # what the whole exports
//! ```
//!
//! These types say what may be written, and their comments are the descriptions of the JSON
//! Schema. `check.rs` compares a file with that schema, so that all mistakes of this kind are
//! found at once; [`settings`] reads what is written in strings.

mod check;
mod located;
mod read;
pub mod settings;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

pub use located::Located;
pub use read::{read, schema};

/// A composition of WebAssembly components.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "compose.toml")]
pub struct Manifest {
    /// The components, by the names that plans and errors use.
    #[serde(default)]
    pub components: BTreeMap<Located<String>, Component>,
    /// Groups of components that become one at the start: one store, and calls between the
    /// members that cost nanoseconds.
    #[serde(default)]
    pub groups: BTreeMap<Located<String>, Group>,
    /// What the whole exports, each with the component that it is of. Without this, it is
    /// whatever one component exports, and no other.
    pub exports: Option<BTreeMap<Located<String>, Located<String>>>,
    /// Imports that are left to the composition which this one is nested in. Calls of them
    /// fail until then.
    #[serde(default)]
    pub open_imports: Vec<Located<String>>,
}

/// A component.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(extend("oneOf" = [{ "required": ["path"] }, { "required": ["package"] }]))]
pub struct Component {
    /// Its file, seen from the folder of the manifest.
    pub path: Option<Located<String>>,
    /// Instead of a file: its name in a registry and the versions that will do, such as
    /// `"shop:tax@^1.2"`.
    pub package: Option<Located<String>>,
    /// For an import that several components could satisfy, the one that does.
    #[serde(default)]
    pub imports: BTreeMap<Located<String>, Located<Provider>>,
    /// The only exports that others see. A pattern ends in `*`, or names one function
    /// after `#`.
    pub expose: Option<Vec<Located<String>>>,
    /// Exports that others do not see. Patterns are as in `expose`.
    pub hide: Option<Vec<Located<String>>>,
    /// What it may use. Without this, what a component needs that works, and no more.
    pub limits: Option<Limits>,
    /// What it may reach outside. Without this, nothing.
    pub grants: Option<Grants>,
    /// Configuration values, which it reads from `wasi:config/store`.
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    /// Whether it is started again after its death. Without this, it stays dead.
    pub restart: Option<Restart>,
}

/// A group of components that are fused.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Group {
    /// The components in it. Their limits, grants and restart policies are the group's.
    pub members: Vec<Located<String>>,
    /// What the whole group may use.
    pub limits: Option<Limits>,
    /// What the whole group may reach outside.
    pub grants: Option<Grants>,
    /// Configuration values of the whole group.
    #[serde(default)]
    pub config: BTreeMap<String, String>,
    /// Whether the group is started again after its death.
    pub restart: Option<Restart>,
}

/// What satisfies an import.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Provider {
    /// A component, by its export of the import's own name.
    Component(String),
    /// An export of another name.
    Export {
        /// The component.
        component: String,
        /// The name of its export.
        export: String,
    },
}

/// Limits of a component. Sizes are written `"64MiB"`, durations `"250ms"` or `"2s"`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limits {
    /// The limits that the others change.
    pub preset: Option<Preset>,
    /// The largest linear memory.
    pub memory: Option<Located<String>>,
    /// The processor time of one call.
    pub time: Option<Located<String>>,
    /// The time that one call may wait for anything but its own computing.
    pub deadline: Option<Located<String>>,
    /// The processor time for starting.
    pub start_time: Option<Located<String>>,
    /// The units of fuel of one call.
    pub fuel: Option<u64>,
    /// The largest list, string or total of values in one call.
    pub value_size: Option<Located<String>>,
    /// The number of calls that run at once.
    pub calls: Option<u32>,
    /// The number of calls from outside that wait.
    pub inbox: Option<u32>,
    /// The number of resources and streams that others hold of it.
    pub handles: Option<u32>,
    /// The number of memories.
    pub memories: Option<u32>,
    /// The number of tables.
    pub tables: Option<u32>,
    /// The number of elements of its tables.
    pub table_elements: Option<u32>,
    /// The number of core instances.
    pub core_instances: Option<u32>,
}

/// Limits by name.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// As small as can be.
    Minimal,
    /// For unknown code, of any toolchain.
    Strict,
    /// For code that is trusted to compute.
    HighPerformance,
}

/// What a component may reach outside of its sandbox. Only what is written is granted.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Grants {
    /// Folders that it may read: its name for each, and the folder, seen from the manifest's.
    #[serde(default)]
    pub read: BTreeMap<String, Located<String>>,
    /// Folders that it may read and write.
    #[serde(default)]
    pub write: BTreeMap<String, Located<String>>,
    /// Environment variables with their values.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Environment variables that it gets from this program.
    #[serde(default)]
    pub env_from_host: Vec<Located<String>>,
    /// Arguments.
    #[serde(default)]
    pub args: Vec<String>,
    /// All of the network.
    #[serde(default)]
    pub network: bool,
    /// Addresses that it may connect to by TCP, such as `"127.0.0.1:5432"`.
    #[serde(default)]
    pub tcp_to: Vec<Located<String>>,
    /// Addresses at which it may accept connections by TCP.
    #[serde(default)]
    pub tcp_at: Vec<Located<String>>,
    /// Addresses that it may send to by UDP.
    #[serde(default)]
    pub udp_to: Vec<Located<String>>,
    /// Addresses at which it may receive by UDP.
    #[serde(default)]
    pub udp_at: Vec<Located<String>>,
    /// Whether it may look up the addresses of hosts.
    #[serde(default)]
    pub name_lookup: bool,
    /// Hosts that it may send HTTP requests to, such as `"api.example.com"`, or `"*"`.
    #[serde(default)]
    pub http_to: Vec<String>,
    /// Whether its random numbers are random: otherwise they follow from a seed.
    #[serde(default)]
    pub real_randomness: bool,
}

/// A restart policy.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Restart {
    /// The wait before the first restart.
    pub first_wait: Option<Located<String>>,
    /// The longest wait; each is twice the one before.
    pub longest_wait: Option<Located<String>>,
    /// The number of restarts within a time, after which it is left dead.
    pub limit: Option<u32>,
    /// That time.
    pub within: Option<Located<String>>,
}
