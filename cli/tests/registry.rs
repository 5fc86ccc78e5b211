//! Components from registries.
//!
//! The registry is Debian's `docker-registry`, at the path that `COMPOSER_DOCKER_REGISTRY` has
//! or in `PATH`: `.ci/run registry` brings one. Without it, what needs one is left out.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use oci_client::Client;
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::secrets::RegistryAuth;
use oci_wasm::{WasmClient, WasmConfig};
use tempfile::TempDir;

use crate::support::{self, guest, wasm_composer};

/// A registry, and a folder with a composition, a cache and a configuration.
struct Registry {
    server: Child,
    address: String,
    folder: TempDir,
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn program() -> PathBuf {
    let named = std::env::var_os("COMPOSER_DOCKER_REGISTRY");
    named.map_or_else(|| "docker-registry".into(), PathBuf::from)
}

impl Registry {
    /// `None`, and a message, if there is no such program here.
    fn start() -> Option<Registry> {
        // A test in another process may take the port in between; then once more.
        loop {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let address = free.local_addr().unwrap().to_string();
            drop(free);
            let folder = tempfile::tempdir().unwrap();
            let config = format!(
                "version: 0.1\nlog: {{ level: error }}\nhttp: {{ addr: \"{address}\" }}\n\
                 storage: {{ filesystem: {{ rootdirectory: \"{}\" }} }}\n",
                folder.path().join("registry").display()
            );
            fs::write(folder.path().join("registry.yml"), config).unwrap();
            let server = Command::new(program())
                .arg("serve")
                .arg(folder.path().join("registry.yml"))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            let named = std::env::var_os("COMPOSER_DOCKER_REGISTRY");
            let Ok(mut server) = server else {
                assert!(named.is_none(), "{named:?} cannot be run");
                eprintln!("left out: there is no `docker-registry` here");
                return None;
            };
            loop {
                if TcpStream::connect(&address).is_ok() {
                    let registry = Registry {
                        server,
                        address,
                        folder,
                    };
                    registry.configure();
                    return Some(registry);
                }
                if server.try_wait().unwrap().is_some() {
                    break;
                }
                std::thread::yield_now();
            }
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn config(&self) -> String {
        let address = &self.address;
        format!(
            "[namespace_registries]\n\
             shop = {{ registry = \"{address}\", metadata = {{ preferredProtocol = \"oci\", \
             oci = {{ registry = \"{address}\", namespacePrefix = \"parts/\" }} }} }}\n\
             [registry.\"{address}\"]\ntype = \"oci\"\n\
             [registry.\"{address}\".oci]\nprotocol = \"http\"\n"
        )
    }

    fn configure(&self) {
        fs::create_dir_all(self.path("config/wasm-pkg")).unwrap();
        fs::write(self.path("config/wasm-pkg/config.toml"), self.config()).unwrap();
        fs::create_dir(self.path("app")).unwrap();
        fs::copy(guest("catalog"), self.path("app/catalog.wasm")).unwrap();
        fs::copy(guest("till"), self.path("app/till.wasm")).unwrap();
        self.wants("shop:tax@^1.0");
    }

    /// The composition with this package as its tax.
    fn wants(&self, package: &str) {
        let manifest = format!(
            "[components.catalog]\npath = \"catalog.wasm\"\n\
             [components.tax]\npackage = \"{package}\"\n\
             [components.till]\npath = \"till.wasm\"\n"
        );
        fs::write(self.path("app/compose.toml"), manifest).unwrap();
    }

    /// Publishes a guest as a version of `shop:tax`.
    async fn publish(&self, version: &str, guest: &str) {
        let bytes = fs::read(support::guest(guest)).unwrap();
        let (config, layer) = WasmConfig::from_raw_component(bytes, None).unwrap();
        let image = format!("{}/parts/shop/tax:{version}", self.address);
        let client = WasmClient::new(Client::new(ClientConfig {
            protocol: ClientProtocol::Http,
            ..ClientConfig::default()
        }));
        let image = image.parse().unwrap();
        let pushed = client.push(&image, &RegistryAuth::Anonymous, layer, config, None);
        pushed.await.unwrap();
    }

    /// The exit code of `plan` or `call`, and everything that it says.
    fn run(&self, args: &[&str]) -> (Option<i32>, String) {
        let (first, rest) = args.split_first().unwrap();
        let output = wasm_composer()
            .arg(first)
            .arg(self.path("app"))
            .args(rest)
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    }

    /// The region that the composition is in.
    fn region(&self, args: &[&str]) -> String {
        let call = ["call", "shop:tax/rates#region"];
        let (code, said) = self.run(&[&call, args].concat());
        assert_eq!(code, Some(0), "{said}");
        said.trim().trim_matches('"').to_owned()
    }

    #[track_caller]
    fn refuses(&self, args: &[&str], why: &[&str]) {
        let (code, said) = self.run(&[&["plan"], args].concat());
        assert_eq!(code, Some(1), "{said}");
        for why in why {
            assert!(said.contains(why), "{why:?} is not in {said}");
        }
    }

    fn lock(&self) -> String {
        fs::read_to_string(self.path("app/compose.lock")).unwrap()
    }

    /// The files in the cache.
    fn cached(&self) -> Vec<PathBuf> {
        let folder = self.path("cache/wasm-composer/packages");
        let files = fs::read_dir(folder).into_iter().flatten();
        files.map(|entry| entry.unwrap().path()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_chosen_locked_and_kept() {
    let Some(mut registry) = Registry::start() else {
        return;
    };
    registry.publish("1.0.0", "tax-us").await;
    registry.publish("1.2.0", "tax-eu").await;
    registry.publish("2.0.0", "tax-us").await;

    // The newest one that will do, and what it is.
    assert_eq!(registry.region(&[]), "EU");
    let lock = registry.lock();
    assert!(
        lock.contains("name = \"shop:tax\"\nwanted = \"^1.0\"\nversion = \"1.2.0\"\n"),
        "{lock}"
    );
    assert!(lock.contains("digest = \"sha256:"), "{lock}");
    assert_eq!(registry.cached().len(), 1);

    // A newer one is not taken by itself.
    registry.publish("1.3.0", "tax-us").await;
    assert_eq!(registry.region(&[]), "EU");
    assert_eq!(registry.lock(), lock);

    // Another wish, another choice; the lock file follows.
    registry.wants("shop:tax@=1.0.0");
    assert_eq!(registry.region(&[]), "US");
    assert!(registry.lock().contains("version = \"1.0.0\""));
    registry.wants("shop:tax@^1.0");
    fs::remove_file(registry.path("app/compose.lock")).unwrap();
    assert_eq!(registry.region(&[]), "US");
    assert!(
        registry.lock().contains("version = \"1.3.0\""),
        "{}",
        registry.lock()
    );

    // What is locked and in the cache needs no registry.
    registry.server.kill().unwrap();
    registry.server.wait().unwrap();
    assert_eq!(registry.region(&[]), "US");
    assert_eq!(registry.region(&["--offline"]), "US");

    // A file in the cache that has changed is not used.
    for file in registry.cached() {
        fs::write(file, "something else").unwrap();
    }
    registry.refuses(
        &["--offline"],
        &[
            "version 1.3.0 of `shop:tax` is locked, and not in the cache",
            "compose.toml:4",
        ],
    );
    registry.refuses(&[], &["`shop:tax` cannot be fetched"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_had() {
    let Some(registry) = Registry::start() else {
        return;
    };
    registry.publish("1.0.0", "tax-eu").await;
    registry.publish("1.1.0", "tax-eu").await;
    registry.refuses(
        &["--offline"],
        &["no version of `shop:tax` is locked", "without `--offline`"],
    );

    registry.wants("shop:tax@^3");
    let none = "no version of `shop:tax` fits `^3`; there are: 1.0.0, 1.1.0";
    registry.refuses(&[], &[none, "compose.toml:4"]);
    registry.wants("shop:nothing@^1");
    registry.refuses(&[], &["`shop:nothing` cannot be fetched", "compose.toml:4"]);
    registry.wants("shop:tax@one");
    registry.refuses(&[], &["`shop:tax@one` is no package", "shop:tax@^1.2"]);
    registry.wants("Shop");
    registry.refuses(&[], &["`Shop` is no package"]);
    assert!(!registry.path("app/compose.lock").exists());

    // It is there, and does not fit: its line in the manifest says so.
    registry.publish("1.2.0", "catalog").await;
    registry.wants("shop:tax@^1.0");
    registry.refuses(&[], &["component `till` imports `shop:tax/rates@1.0.0`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_was_published_again() {
    let Some(registry) = Registry::start() else {
        return;
    };
    registry.publish("1.0.0", "tax-eu").await;
    assert_eq!(registry.region(&[]), "EU");
    let lock = registry.lock();
    let digest = lock
        .split("sha256:")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let other = format!("{:0<64}", "abc");
    fs::write(
        registry.path("app/compose.lock"),
        lock.replace(digest, &other),
    )
    .unwrap();
    registry.refuses(&[], &["the version was published again", digest, &other]);
    fs::write(
        registry.path("app/compose.lock"),
        lock.replace("sha256:", "md5:"),
    )
    .unwrap();
    registry.refuses(&[], &["compose.lock` cannot be read", "remove it"]);
    fs::write(registry.path("app/compose.lock"), "no = lock").unwrap();
    registry.refuses(&[], &["compose.lock` cannot be read", "remove it"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_wishes_for_one_package() {
    let Some(registry) = Registry::start() else {
        return;
    };
    registry.publish("1.0.0", "tax-us").await;
    registry.publish("1.2.0", "tax-eu").await;
    let manifest = "[components.new]\npackage = \"shop:tax@^1.0\"\n\
                    [components.old]\npackage = \"shop:tax@=1.0.0\"\n\
                    [exports]\n\"shop:tax/rates\" = \"new\"\n";
    fs::write(registry.path("app/compose.toml"), manifest).unwrap();
    assert_eq!(registry.region(&[]), "EU");
    let lock = registry.lock();
    assert_eq!(lock.matches("[[package]]").count(), 2, "{lock}");
    assert_eq!(registry.region(&[]), "EU");
    assert_eq!(registry.lock(), lock);

    // Without packages there is nothing to lock.
    let manifest = "[components.catalog]\npath = \"catalog.wasm\"\n";
    fs::write(registry.path("app/compose.toml"), manifest).unwrap();
    let (code, said) = registry.run(&["plan"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(!registry.path("app/compose.lock").exists());
}
