//! `new`: a small project to begin with.
//!
//! It is the project `examples/greeter`, by another name.

use std::fs;
use std::io;
use std::path::Path;

use crate::args::NewArgs;
use crate::commands::print;
use crate::exit::Exit;
use crate::problem::Problem;

/// The name that the project has in `examples`.
const NAME: &str = "greeter";

/// How the example names the library.
const LIBRARY: &str = "wasm-composer = \"0.1\"";

/// The project is a workspace of its own, so that it can be anywhere; the example is in one.
const ALONE: &str = "\n[workspace]\n";

/// Names that cargo refuses: they are its own, or Rust's.
const TAKEN: &str = "abstract alloc as async await become box break build const continue core \
    crate deps do dyn else enum examples extern false final fn for gen if impl in incremental let \
    loop macro match mod move mut override priv proc-macro pub ref return self static std struct \
    super test tokio trait true try type typeof unsafe unsized use virtual wasm-composer where \
    while";

/// The files of the project: the path of each, and its text.
const FILES: [(&str, &str); 9] = [
    (".gitignore", include_str!("template/gitignore")),
    ("Cargo.toml", include_str!("template/host.toml")),
    ("README.md", include_str!("template/README.md")),
    ("build.sh", include_str!("template/build.sh")),
    ("compose.toml", include_str!("template/compose.toml")),
    ("src/main.rs", include_str!("template/main.rs")),
    ("guest/Cargo.toml", include_str!("template/guest.toml")),
    ("guest/src/lib.rs", include_str!("template/guest.rs")),
    (
        "guest/wit/greetings.wit",
        include_str!("template/greetings.wit"),
    ),
];

pub(super) fn new(args: &NewArgs) -> Result<(), Exit> {
    let folder = &args.folder;
    let name = project_name(folder)?;
    let library = match &args.library {
        Some(library) => library_at(library)?,
        None => LIBRARY.to_owned(),
    };
    let failed = |error: io::Error| {
        let problem = Problem::new(format!("`{}` cannot be made: {error}", folder.display()));
        match error.kind() {
            io::ErrorKind::AlreadyExists => {
                problem.with_help("a project begins in a folder that is not there yet")
            }
            _ => problem,
        }
    };
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    // What is there already is left as it is.
    fs::create_dir(folder).map_err(failed)?;
    for (path, text) in FILES {
        let mut text = text.replace(NAME, name).replace(LIBRARY, &library);
        if path == "Cargo.toml" {
            text.push_str(ALONE);
        }
        write(&folder.join(path), &text).map_err(failed)?;
    }
    let folder = folder.display();
    print(&format!(
        "{folder}: run `./build.sh` and `cargo run` there\n"
    ))
}

/// The name of a project, which cargo takes as that of a package.
fn project_name(folder: &Path) -> Result<&str, Problem> {
    let name = folder.file_name().and_then(|name| name.to_str());
    let is_part = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    let is_name = |name: &&str| {
        name.starts_with(|char: char| char.is_ascii_alphabetic())
            && name.chars().all(is_part)
            && !TAKEN.split_whitespace().any(|taken| taken == *name)
    };
    name.filter(is_name).ok_or_else(|| {
        let message = format!("`{}` is not the name of a project", folder.display());
        Problem::new(message)
            .with_help("it begins with a letter, goes on with letters, digits, `-` and `_`, and is no word of Rust or cargo")
    })
}

/// The dependency on the library in a folder.
fn library_at(folder: &Path) -> Result<String, Problem> {
    let wrong = |why: &str| {
        Problem::new(format!("`{}` is not the library: {why}", folder.display()))
            .with_help("name the folder `composer` of the repository")
    };
    let manifest = fs::read_to_string(folder.join("Cargo.toml"));
    let manifest = manifest.map_err(|error| wrong(&format!("its `Cargo.toml`: {error}")))?;
    let manifest = manifest.parse::<toml::Table>().unwrap_or_default();
    let name = manifest.get("package").and_then(|it| it.get("name"));
    if name.and_then(toml::Value::as_str) != Some("wasm-composer") {
        return Err(wrong("its package is not `wasm-composer`"));
    }
    let folder = folder.canonicalize();
    let folder = folder.map_err(|error| wrong(&error.to_string()))?;
    let text = folder
        .to_str()
        .ok_or_else(|| wrong("its name is not text"))?;
    let path = toml::Value::from(text).to_string();
    Ok(format!("wasm-composer = {{ path = {path} }}"))
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, text)?;
    #[cfg(unix)]
    if text.starts_with("#!") {
        use std::os::unix::fs::PermissionsExt;

        fs::set_permissions(file, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
